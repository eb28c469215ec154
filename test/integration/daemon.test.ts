import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Owner } from '../../src/core/owner.ts';
import type { ServerMessage } from '../../src/net/protocol.ts';
import { Client, folderWith, freePort, Heard, pause, playPhrase, startDaemon, untilHeard, type Running } from './daemon.ts';

const found = (tool: string): boolean => !('code' in (spawnSync(tool).error ?? {}));
// Where the run must be complete, a missing tool fails these tests instead of skipping them.
const hasLiblo = process.env['CI'] !== undefined || (found('oscsend') && found('oscdump'));

let owner = new Owner();
afterEach(async () => {
  await owner.close();
  owner = new Owner();
});
const clientOf = async ({ http }: Running): Promise<Client> => {
  const client = await Client.open(http);
  owner.own({ close: () => client.close() });
  return client;
};

describe.skipIf(!hasLiblo)(`the daemon by oscsend and oscdump${hasLiblo ? '' : ' (skipped: liblo-tools is not installed)'}`, () => {
  const dumped = new Heard<string>();
  let daemon: Running;
  let dump: ReturnType<typeof spawn>;

  beforeAll(async () => {
    const port = await freePort();
    dump = spawn('oscdump', ['-L', String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
    // Without the time tag that every line begins with.
    createInterface({ input: dump.stdout as NonNullable<typeof dump.stdout> }).on('line', (line) => dumped.add(line.replace(/^\S+ /, '')));
    await promisify(setTimeout)(200); // oscdump does not say when it listens
    daemon = await startDaemon(['duet'], { oscOut: port });
  });
  afterAll(async () => {
    dump?.kill();
    await daemon?.discard();
  });
  const send = (...words: string[]) => promisify(execFile)('oscsend', ['127.0.0.1', String(daemon.osc), ...words]);
  /** The first line that fits, at or after place `from`: one read before what it answers was sent. */
  const next = (pattern: RegExp, from: number): Promise<string> => dumped.first((line) => pattern.test(line), from);

  /** Strikes a key, and holds it with the harmony that came; the line that says so. */
  const harmonised = (key: number): Promise<string> => {
    const sendNote = (velocity: number) => send('/antiphon/note', 'ii', String(key), String(velocity));
    return untilHeard(() => sendNote(80), () => next(/^\/antiphon\/out\/note iiisid \d+ [1-9]\d* 3 "harmonise"/, dumped.all.length), () => sendNote(0));
  };

  it('says once when the first note would be accepted', async () => {
    await next(/^\/antiphon\/ready\b/, 0);
    expect(dumped.all.filter((line) => line.startsWith('/antiphon/ready'))).toHaveLength(1);
  });

  it('harmonises a note, and ends the harmony with it', async () => {
    const [, key, velocity, id, wanted] = /note iiisid (\d+) (\d+) 3 "harmonise" (\d+) ([\d.]+)/.exec(await harmonised(72)) ?? [];
    expect(Number(key)).toBeLessThan(72);
    expect(Number(velocity)).toBeGreaterThan(0);
    expect(Number(wanted)).toBeGreaterThan(0);
    await send('/antiphon/note', 'ii', '72', '0');
    expect(await next(new RegExp(`"harmonise" ${id} `), dumped.all.findIndex((line) => line.includes(`"harmonise" ${id} `)) + 1)).toMatch(new RegExp(`^/antiphon/out/note iiisid ${key} 0 3 "harmonise" ${id} `));
  });

  it('changes a parameter and the patch, as a client of the WebSocket sees', async () => {
    const client = await clientOf(daemon);
    await send('/antiphon/param/temperature', 'f', '1.25');
    expect(await client.heard.first(({ type }) => type === 'param')).toEqual({ type: 'param', name: 'temperature', value: 1.25 });
    await send('/antiphon/patch', 's', 'harmony');
    expect(await client.heard.first(({ type }) => type === 'patch')).toEqual({ type: 'patch', name: 'harmony' });
    const from = dumped.all.length;
    await send('/antiphon/patch', 's', 'duet');
    await next(/^\/antiphon\/out\/patch s "duet"/, from);
  });

  it('answers what makes no sense with an error that names it, and plays on', async () => {
    for (const [words, answer] of [
      [['/antiphon/note', 's', 'loud'], /^\/antiphon\/error ss "message\.field" ".*loud/],
      [['/antiphon/note', 'ii', '200', '80'], /^\/antiphon\/error ss "message\.field" ".*200/],
      [['/antiphon/param/temprature', 'f', '1'], /^\/antiphon\/error ss "message\.field" ".*temprature/],
      [['/antiphon/param/temperature', 'f', '99'], /^\/antiphon\/error ss "param\.value" ".*99/],
      [['/antiphon/patch', 's', 'waltz'], /^\/antiphon\/error ss "patch\.name" ".*waltz/],
      [['/antiphon/nonsense'], /^\/antiphon\/error ss "\w+\.\w+" ".*nonsense/],
    ] as const) {
      const from = dumped.all.length;
      await send(...words);
      await next(answer, from);
    }
    const from = dumped.all.length;
    const socket = createSocket('udp4');
    for (const bytes of ['', '/', '#bundle\0', '\xff\xff\xff\xff', '/antiphon/note\0\0,iii\0\0\0\0\x01']) socket.send(Buffer.from(bytes, 'latin1'), daemon.osc, '127.0.0.1');
    await next(/^\/antiphon\/error ss "osc\.packet"/, from);
    socket.close();
    await harmonised(67);
    await send('/antiphon/note', 'ii', '67', '0');
  });

  it('withdraws by their ids the notes of an answer that a key cuts short', { timeout: 60_000 }, async () => {
    const client = await clientOf(daemon);
    await send('/antiphon/param/voices', 'i', '0');
    for (let attempt = 0; ; attempt++) {
      await playPhrase(client, [62, 65, 69, 67, 64]);
      await client.note('respond');
      const [from, lines] = [client.heard.all.length, dumped.all.length];
      await send('/antiphon/note', 'ii', '60', '90');
      await client.heard.first((each) => each.type === 'heard' && each.pitch === 60 && each.velocity === 90, from);
      await pause(200);
      await send('/antiphon/note', 'ii', '60', '0');
      const withdrawn = client.heard.all.slice(from).flatMap((each) => (each.type === 'withdraw' ? [each.id] : []));
      expect(dumped.all.slice(lines).flatMap((line) => /^\/antiphon\/out\/withdraw i (\d+)/.exec(line)?.[1] ?? [])).toEqual(withdrawn.map(String));
      if (withdrawn.length > 0) break;
      expect(attempt).toBeLessThan(4);
    }
    await send('/antiphon/param/voices', 'i', '1');
  });

  it('ends everything on a panic', async () => {
    const client = await clientOf(daemon);
    const { id } = await client.harmonised(64);
    await send('/antiphon/panic');
    await client.note('harmonise', (note) => note.id === id && note.velocity === 0, 0);
    await send('/antiphon/note', 'ii', '64', '0');
  });
});

describe('the daemon by WebSocket', () => {
  let daemon: Running;
  beforeAll(async () => {
    // No harmony, and no pulse to wait for.
    const folder = folderWith({ name: 'answers', clock: { source: 'player' }, roles: [{ kind: 'respond', model: 'performance', channel: 2 }] });
    daemon = await startDaemon(['answers', '--seed', '5'], { folder });
  });
  afterAll(() => daemon?.discard());

  it('answers a phrase: notes with role, id and wanted time, each of them ended', async () => {
    const client = await clientOf(daemon);
    await playPhrase(client);
    const first = await client.note('respond');
    expect(first).toMatchObject({ type: 'note', role: 'respond', channel: 2 });
    // The rest of the answer, whose length is the phrase's.
    await pause(1500);
    await client.heard.first(() => client.sounding().length === 0);
    const notes = client.notes('respond');
    const ons = notes.filter(({ velocity }) => velocity > 0);
    expect(new Set(ons.map(({ id }) => id)).size).toBe(ons.length);
    for (const on of ons) {
      const off = notes.find(({ id, velocity }) => id === on.id && velocity === 0);
      expect(off).toMatchObject({ pitch: on.pitch, channel: on.channel });
      expect(off?.sent).toBeGreaterThan(on.sent);
      expect(on.sent).toBeGreaterThanOrEqual(on.wanted);
      expect(on.sent - on.wanted).toBeLessThan(25);
    }
  });

  it('ends and withdraws its answer when a key is struck, and is silent while the key is down', async () => {
    const client = await clientOf(daemon);
    // A short note may be over before the key is down: then there is nothing to withdraw, and another phrase is played.
    for (let attempt = 0; ; attempt++) {
      await playPhrase(client, [62, 65, 69, 67, 64]);
      const answered = await client.note('respond');
      const from = client.heard.all.length;
      const struck = await client.play(60, 90);
      await pause(400);
      const after = client.heard.all.slice(from);
      expect(after.filter((each) => each.type === 'note' && each.velocity > 0 && each.sent > struck.sent)).toEqual([]);
      expect(client.sounding()).toEqual([]);
      await client.play(60, 0);
      const withdrawn = after.find((each) => each.type === 'withdraw');
      if (withdrawn) {
        expect(after).toContainEqual(expect.objectContaining({ type: 'note', id: withdrawn.id, velocity: 0, role: 'respond' }));
        expect(withdrawn.id).toBeGreaterThanOrEqual(answered.id);
        // Each note that the key cut short is told as withdrawn, after its end and before anything else sounds; no other is.
        const cut = after.filter((each): each is Extract<ServerMessage, { type: 'note' }> => each.type === 'note' && each.velocity === 0 && each.sent === struck.sent);
        expect(after.filter(({ type }) => type === 'withdraw').map((each) => (each as { id: number }).id)).toEqual(cut.map(({ id }) => id));
        break;
      }
      expect(attempt).toBeLessThan(4);
    }
  });

  it('answers what makes no sense with an error that names it, and plays on', async () => {
    const client = await clientOf(daemon);
    for (const [message, code, named] of [
      ['{"type":"note"', 'message.json', '{'],
      ['[1,2]', 'message.json', 'list'],
      [{ type: 'dance' }, 'message.type', 'dance'],
      [{ type: 'note', pitch: 128, velocity: 80 }, 'message.field', '128'],
      [{ type: 'note', pitch: 60, velocity: 'loud' }, 'message.field', 'loud'],
      [{ type: 'param', name: 'temperature', value: 77 }, 'param.value', '77'],
      [{ type: 'patch', name: '../../etc/passwd' }, 'message.field', 'passwd'],
      [{ type: 'patch', name: 'waltz' }, 'patch.name', 'waltz'],
      [Buffer.from([0x90, 60, 80]), 'message.json', '3'],
    ] as const) {
      const from = client.heard.all.length;
      client.send(message);
      const error = await client.heard.first((each): each is Extract<ServerMessage, { type: 'error' }> => each.type === 'error', from);
      expect(error).toMatchObject({ code, message: expect.stringContaining(named) as string });
    }
    await playPhrase(client);
    await client.note('respond');
  });
});
