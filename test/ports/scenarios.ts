import { pause } from '../integration/daemon.ts';
import { compare, hold, play, played, playedAgain, TUNE, type Scenario } from './playing.ts';
import { END_SCENARIOS } from './end-scenarios.ts';
import { begun, sounding } from './rig.ts';
import { SERVER_SCENARIOS } from './server-scenarios.ts';

/** Longer than the daemon takes to see that a cable was pulled or put in, and its guard. */
const NOTICED = 1500;

/** Each needs the one daemon that all of them share; one that ends it leaves the next to start another. */
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a tune goes through named ports and comes back harmonised',
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      const tune = [...TUNE, ...TUNE.toReversed(), ...TUNE];
      await play(rig, tune);
      await rig.through();
      await rig.silence(from);
      await rig.quiet();
      const heard = rig.heard.all.slice(from);
      // Harmony that comes too late for its note is left out: where time is not kept, that may be all of it.
      const harmonised = begun(heard, 2).length > 0 || !rig.patchbay.keepsTime;
      return { ...compare(begun(heard, 1), played(tune)), harmonised, orphans: sounding(heard).size };
    },
    shows: { lost: 0, invented: 0, harmonised: true, orphans: 0 },
  },
  {
    name: "a tune goes through the daemon's own ports",
    ports: 'own',
    run: async (rig) => {
      const from = rig.heard.all.length;
      await play(rig, TUNE);
      await rig.through();
      await rig.silence(from);
      await rig.quiet();
      const heard = rig.heard.all.slice(from);
      return { ...compare(begun(heard, 1), played(TUNE)), orphans: sounding(heard).size };
    },
    shows: { lost: 0, invented: 0, orphans: 0 },
  },
  {
    name: "the synth's cable is pulled from the daemon's own port in mid-phrase, and put back",
    ports: 'own',
    run: async (rig) => {
      const from = rig.heard.all.length;
      rig.send(0xb0, 64, 127);
      await hold(rig, from);
      await rig.hears(0xb0, 64, 127, from);
      const cables = rig.pull('synth');
      await pause(100);
      const pulled = rig.heard.all.length;
      rig.release(60);
      rig.send(0xb0, 64, 0);
      await play(rig, [70, 74]);
      await pause(NOTICED);
      const during = rig.heard.all.length - pulled;
      rig.restore(cables);
      await rig.hears(0x80, 60, undefined, pulled);
      await rig.hears(0xb0, 64, 0, pulled);
      const held = sounding(rig.heard.all.slice(from)).get('1:64') ?? 0;
      await rig.through();
      await play(rig, TUNE);
      await rig.through();
      rig.release(64);
      await rig.silence(from);
      await rig.quiet();
      const after = rig.heard.all.slice(pulled);
      return { during, held, ...compare(begun(after, 1), played(TUNE)), orphans: sounding(rig.heard.all.slice(from)).size };
    },
    // What was played while the cable was out is not played late.
    shows: { during: 0, held: 1, lost: 0, invented: 0, orphans: 0 },
  },
  {
    name: "the keyboard's cable is pulled from the daemon's own port in mid-phrase, and put back",
    ports: 'own',
    run: async (rig) => {
      const from = rig.heard.all.length;
      await hold(rig, from);
      const cables = rig.pull('keys');
      await rig.silence(from);
      const orphans = sounding(rig.heard.all.slice(from)).size;
      rig.restore(cables);
      const again = await playedAgain(rig, from);
      return { orphans, ...again };
    },
    shows: { orphans: 0, lost: 0, invented: 0 },
  },
  {
    name: "a named synth's cable is pulled in mid-phrase: the daemon puts it back, and ends what ended meanwhile",
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      rig.send(0xb0, 64, 127);
      await hold(rig, from);
      await rig.hears(0xb0, 64, 127, from);
      rig.pull('synth');
      const pulled = rig.heard.all.length;
      rig.release(60);
      rig.send(0xb0, 64, 0);
      await rig.hears(0x80, 60, undefined, pulled);
      await rig.hears(0xb0, 64, 0, pulled);
      const held = sounding(rig.heard.all.slice(from)).get('1:64') ?? 0;
      const again = await playedAgain(rig, from, () => rig.release(64));
      return { held, ...again, orphans: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { held: 1, lost: 0, invented: 0, orphans: 0 },
  },
  {
    name: "a named keyboard's cable is pulled with keys down: they end, and the daemon puts it back",
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      await hold(rig, from);
      rig.pull('keys');
      await rig.silence(from);
      const orphans = sounding(rig.heard.all.slice(from)).size;
      const again = await playedAgain(rig, from);
      return { orphans, ...again };
    },
    shows: { orphans: 0, lost: 0, invented: 0 },
  },
  {
    name: 'the synth is restarted: the daemon finds it by name and sends it how it stands',
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      rig.send(0xc0, 5, 0);
      rig.send(0xe0, 0, 80);
      rig.send(0xb0, 64, 127);
      await hold(rig, from);
      await rig.quiet();
      rig.unplugSynth();
      await rig.synthGone();
      rig.release(60);
      rig.plugSynth();
      const back = rig.heard.all.length;
      await rig.hears(0xb0, 64, 127, back);
      await rig.through();
      const told = rig.heard.all.slice(back);
      rig.send(0xb0, 64, 0);
      rig.send(0xe0, 0, 64);
      rig.release(64);
      const again = rig.heard.all.length;
      await play(rig, TUNE);
      await rig.through();
      await rig.silence(from);
      await rig.quiet();
      const has = (status: number, a: number, b: number): boolean => told.some((each) => each[0] === status && each[1] === a && each[2] === b);
      return {
        program: has(0xc0, 5, 0),
        bend: has(0xe0, 0, 80),
        struckAgain: begun(told, 1).length,
        ...compare(begun(rig.heard.all.slice(again), 1), played(TUNE)),
        orphans: sounding(rig.heard.all.slice(from)).size,
      };
    },
    shows: { program: true, bend: true, struckAgain: 0, lost: 0, invented: 0, orphans: 0 },
  },
  {
    name: 'the keyboard is restarted with keys down',
    ports: 'named',
    run: async (rig) => {
      const from = rig.heard.all.length;
      await hold(rig, from);
      rig.unplugKeys();
      await rig.silence(from);
      rig.plugKeys();
      const again = await playedAgain(rig, from);
      return { ...again, orphans: sounding(rig.heard.all.slice(from)).size };
    },
    shows: { lost: 0, invented: 0, orphans: 0 },
  },
  {
    // Known by its lag: where time is not kept, what goes round no faster than a player plays does so until the cable is pulled.
    name: "the daemon's own output is cabled into its own input, and the cable pulled again",
    over: 'jack',
    ports: 'own',
    run: async (rig) => {
      const from = rig.heard.all.length;
      const tune = [...TUNE, ...TUNE.toReversed()];
      const cable = rig.loop();
      await play(rig, tune);
      await rig.silence(from);
      await rig.quiet();
      const before = rig.heard.all.slice(from);
      const looped = rig.heard.all.length;
      await play(rig, TUNE);
      await rig.through();
      await rig.silence(from);
      await rig.quiet();
      const during = rig.heard.all.slice(looped);
      const found = rig.said('loop.found');
      const { lost, invented } = compare(begun(during, 1), played(TUNE));
      rig.unplug(cable);
      await pause(NOTICED);
      const pulled = rig.heard.all.length;
      await play(rig, tune);
      await rig.through();
      await rig.silence(from);
      await rig.quiet();
      const after = rig.heard.all.slice(pulled);
      return {
        // Until it is known, each note may go round a few times.
        multiplied: begun(before, 1).length > 3 * played(tune).length,
        // A machine that stands still for a moment makes two loops of one, each told of once.
        named: found > 0 && found === rig.said('loop.over'),
        heard: { lost, invented },
        harmonised: begun(during, 2).length <= played(TUNE).length,
        again: compare(begun(after, 1), played(tune)),
        orphans: sounding(rig.heard.all.slice(from)).size,
      };
    },
    shows: { multiplied: false, named: true, heard: { lost: 0, invented: 0 }, harmonised: true, again: { lost: 0, invented: 0 }, orphans: 0 },
  },
];

/** Those that can be played over a sound system. */
export const scenariosOver = (system: 'jack' | 'alsa'): readonly Scenario[] => [...SCENARIOS, ...END_SCENARIOS, ...SERVER_SCENARIOS].filter(({ over = system }) => over === system);
