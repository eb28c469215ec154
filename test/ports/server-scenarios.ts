import type { DaemonState } from '../../src/live/command.ts';
import { Client, pause, type Running } from '../integration/daemon.ts';
import { hold, playedAgain, type Facts, type Scenario } from './playing.ts';
import { begun, sounding, type Rig } from './rig.ts';

/** Keys struck and let go, one after the other: more messages than the driver has room for. */
const FLOOD = 1300;
const LOOKS = 50;

const stateOf = async ({ http }: Running): Promise<DaemonState> => (await (await fetch(`http://127.0.0.1:${http}/state.json`)).json()) as DaemonState;

/** Plays on the WebSocket what is harmonised; how many notes of harmony came of it. */
const harmonised = async (client: Client, pitches: readonly number[]): Promise<number> => {
  const before = client.notes('harmonise').length;
  for (const pitch of pitches) {
    const sounds = client.note('harmonise');
    await client.play(pitch, 80);
    const { id } = await sounds;
    const ends = client.heard.first((each) => each.type === 'note' && each.id === id && each.velocity === 0);
    await client.play(pitch, 0);
    await ends;
  }
  return client.notes('harmonise').slice(before).filter(({ velocity }) => velocity > 0).length;
};

/** The server ends under a chord and is started again; how that went for the synth, which lives on, and for a client of the WebSocket. */
const serverEnds = async (rig: Rig, signal: NodeJS.Signals): Promise<Facts> => {
  const running = await rig.daemon();
  const times = rig.said('midi.lost') + 1;
  const client = await Client.open(running.http);
  const from = rig.heard.all.length;
  rig.send(0xb0, 64, 127);
  await hold(rig, from);
  await rig.hears(0xb0, 64, 127, from);
  await rig.quiet();
  await rig.server.signal(signal);
  await rig.says('midi.lost', times);
  // The keyboard is gone, and its keys and its pedal are up.
  await client.heard.first(() => client.sounding().length === 0);
  const notes = await harmonised(client, [72, 74, 76]);
  let during = await stateOf(running);
  // The last to look at their ports look once a second, and counters are told of later still.
  for (let looks = 0; (during.inputs.length > 0 || during.counters['outputs'] !== 0 || during.counters['midiLosses'] !== times) && looks < LOOKS; looks++) {
    await pause(100);
    during = await stateOf(running);
  }
  const told = client.heard.all.filter((each) => each.type === 'error' && each.code === 'midi.lost').length;
  await rig.server.begin();
  await rig.back();
  const back = rig.heard.all.length;
  await rig.says('midi.back', times);
  await rig.through();
  const late = begun(rig.heard.all.slice(back), 1).length + begun(rig.heard.all.slice(back), 2).length;
  const again = await playedAgain(rig, from);
  const after = await stateOf(running);
  client.close();
  return {
    told,
    said: rig.said('midi.lost') === times && rig.said('midi.back') === times,
    notes,
    during: [during.inputs, during.outputs, during.counters['outputs'], during.counters['midiLosses'] === times],
    late,
    ports: [after.inputs.length, after.outputs.length],
    ...again,
    orphans: sounding(rig.heard.all.slice(from)).size,
  };
};
// What was played meanwhile is not played late.
const SERVER_ENDS = { told: 1, said: true, notes: 3, during: [[], [], 0, true], late: 0, ports: [1, 2], lost: 0, invented: 0, orphans: 0 } as const;

/** What a JACK server may do that carries the ports: it is a process like others. */
export const SERVER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'the server is ended under the daemon, and started again',
    kills: true,
    over: 'jack',
    ports: 'named',
    run: (rig) => serverEnds(rig, 'SIGTERM'),
    shows: SERVER_ENDS,
  },
  {
    name: 'the server is killed under the daemon, and started again',
    kills: true,
    over: 'jack',
    ports: 'named',
    run: (rig) => serverEnds(rig, 'SIGKILL'),
    shows: SERVER_ENDS,
  },
  {
    name: 'the daemon is started before its server',
    kills: true,
    over: 'jack',
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      await rig.server.signal('SIGTERM');
      const running = await rig.anew();
      const client = await Client.open(running.http);
      const notes = await harmonised(client, [72, 74, 76]);
      const before = await stateOf(running);
      await rig.server.begin();
      await rig.back();
      await rig.says('midi.back', 1);
      const again = await playedAgain(rig, from);
      const after = await stateOf(running);
      client.close();
      return {
        notes,
        before: [before.inputs, before.outputs, before.counters['midiLosses']],
        lost: rig.said('midi.lost'),
        ports: [after.inputs.length, after.outputs.length],
        missed: again.lost,
        orphans: sounding(rig.heard.all.slice(from)).size,
      };
    },
    shows: { notes: 3, before: [[], [], 0], lost: 0, ports: [1, 2], missed: 0, orphans: 0 },
  },
  {
    name: 'the server stands still under more than it has room for',
    kills: true,
    over: 'jack',
    ports: 'named',
    run: async (rig) => {
      const client = await Client.open((await rig.daemon()).http);
      const from = rig.heard.all.length;
      await rig.server.signal('SIGSTOP');
      for (let n = 0; n < FLOOD; n++) await client.play(48 + (n >> 1) % 24, n % 2 === 0 ? 80 : 0);
      const notes = await harmonised(client, [72, 74, 76]);
      await rig.server.signal('SIGCONT');
      const again = await playedAgain(rig, from);
      client.close();
      return { notes, lost: again.lost, orphans: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { notes: 3, lost: 0, orphans: 0 },
  },
];
