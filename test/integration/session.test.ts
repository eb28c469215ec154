import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Owner } from '../../src/core/owner.ts';
import { readSmf } from '../../src/music/smf-read.ts';
import { antiphon, Client, folderWith, Heard, pause, playPhrase, stageFolder, startDaemon, type Running } from './daemon.ts';

let owner = new Owner();
afterEach(async () => {
  await owner.close();
  owner = new Owner();
});
const own = async (daemon: Promise<Running>): Promise<Running> => {
  const started = await daemon;
  owner.own({ close: () => started.discard() });
  return started;
};
const clientOf = async ({ http }: Running): Promise<Client> => {
  const client = await Client.open(http);
  owner.own({ close: () => client.close() });
  return client;
};

describe('the end of the daemon', () => {
  /** Something of everything: a harmony that still sounds, a pedal, a parameter, a patch and an answer. */
  const perform = async (client: Client): Promise<void> => {
    await playPhrase(client);
    await client.note('respond', ({ velocity }) => velocity > 0, 0);
    client.send({ type: 'control', controller: 64, value: 127 });
    client.send({ type: 'param', name: 'voices', value: 2 });
    client.send({ type: 'patch', name: 'continuo' });
    await client.heard.first(({ type }) => type === 'patch');
    await playPhrase(client, [60, 62, 64, 65, 67]);
    await client.note('continue', ({ velocity }) => velocity > 0, 0);
    client.send({ type: 'patch', name: 'duet' });
    await client.harmonised(72, 90);
  };

  it('comes at SIGTERM with every note ended, and leaves a session that replays bit for bit', async () => {
    const daemon = await own(startDaemon(['duet']));
    const client = await clientOf(daemon);
    await perform(client);
    expect(client.sounding().length).toBeGreaterThan(0);
    expect(await daemon.stop()).toBe(0);
    expect(client.sounding()).toEqual([]);
    const { code, out, told } = antiphon(daemon.folder, 'replay', daemon.session('session.jsonl'), '-o', 'again.mid');
    expect({ code, told }).toEqual({ code: 0, told: '' });
    expect(out).toMatch(/^\d+ notes \(\d+ of Antiphon\), identical\n$/);
    const written = readFileSync(daemon.session('session.mid'));
    expect(readFileSync(join(daemon.folder, 'again.mid')).equals(written)).toBe(true);
    expect(readSmf(written).tracks.map(({ name }) => name)).toEqual(['Player', 'Antiphon respond', 'Antiphon continue', 'Antiphon harmonise']);
  });

  it('comes at SIGINT just as well, and leaves nothing behind where nobody played', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    owner.own({ close: () => void socket.close() });
    await once(socket, 'listening');
    const packets = new Heard<string>();
    socket.on('message', (bytes) => packets.add(bytes.toString('latin1')));
    const daemon = await own(startDaemon(['duet'], { oscOut: socket.address().port }));
    await packets.first((each) => each.startsWith('/antiphon/ready\0'));
    expect(await daemon.stop('SIGINT')).toBe(0);
    expect(() => daemon.session('session.jsonl')).toThrow('There are 0 sessions');
  });

  it('comes in good order though nobody reads what it says any more', async () => {
    const daemon = await own(startDaemon(['duet']));
    const client = await clientOf(daemon);
    daemon.child.stderr.destroy();
    // A packet that cannot be sent, and one that makes no sense, are each worth a line.
    const socket = createSocket('udp4');
    owner.own({ close: () => void socket.close() });
    for (let n = 0; n < 3; n++) socket.send(Buffer.from('/no packet'), daemon.osc, '127.0.0.1');
    await client.heard.first(({ type }) => type === 'error');
    await playPhrase(client);
    await client.note('respond');
    expect(await daemon.stop()).toBe(0);
  });

  it('replays a session that keeps a clock of its own', async () => {
    const folder = folderWith({ name: 'clocked', clock: { source: 'internal', bpm: 140 }, roles: [{ kind: 'respond', model: 'melody', channel: 2 }], params: { bars: 1 } });
    const daemon = await own(startDaemon(['clocked'], { folder }));
    const client = await clientOf(daemon);
    await playPhrase(client);
    await client.note('respond');
    await pause(600);
    expect(await daemon.stop()).toBe(0);
    expect(antiphon(folder, 'replay', daemon.session('session.jsonl'))).toMatchObject({ out: expect.stringMatching(/identical/) as string, code: 0 });
  });

  it('may be a kill: what was written down replays, the note that was held included', async () => {
    const daemon = await own(startDaemon(['duet']));
    const client = await clientOf(daemon);
    await perform(client);
    await pause(100);
    expect(await daemon.stop('SIGKILL')).toBe(null);
    const log = daemon.session('session.jsonl');
    expect(existsSync(log.replace('jsonl', 'mid'))).toBe(false);
    // As a full disk or a power cut leaves it: in mid-line.
    appendFileSync(log, '[32,17,3,5');
    const { code, out, told } = antiphon(daemon.folder, 'replay', log, '-o', 'saved.mid');
    expect(told).toMatch(/cut off in line \d+; the whole lines before it are replayed\n$/);
    expect(out).toMatch(/identical\n$/);
    expect(code).toBe(0);
    const player = readSmf(readFileSync(join(daemon.folder, 'saved.mid'))).tracks.find(({ name }) => name === 'Player');
    expect(player?.notes.map(({ pitch }) => pitch)).toContain(72);
  });

  it('is at once, with one line that says why, when it cannot begin', async () => {
    const folder = stageFolder();
    const daemon = await own(startDaemon(['duet'], { folder }));
    const second = antiphon(folder, 'live', '--no-midi', '--http', `127.0.0.1:${daemon.http}`, '--osc-in', '0');
    expect(second).toMatchObject({ code: 1, told: expect.stringMatching(/^antiphon: Cannot serve the page: "127\.0\.0\.1:\d+"\. Something listens there already.* \[http\.port\]\n$/) as string });
    const third = antiphon(folder, 'live', '--no-midi', '--http', '127.0.0.1:0', '--osc-in', String(daemon.osc));
    expect(third.code).toBe(1);
    expect(third.told).toMatch(/Cannot listen for OSC.*\[osc\.port\]\n$/);
    expect(antiphon(folder, 'live', 'duett')).toMatchObject({ code: 1, told: expect.stringMatching(/No such patch: "duett".*\[patch\.name\]\n$/) as string });
  });
});
