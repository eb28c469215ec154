import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { AntiphonError } from '../../src/core/errors.ts';
import { Owner } from '../../src/core/owner.ts';
import { channel, ms, pitch } from '../../src/core/units.ts';
import type { Command } from '../../src/live/command.ts';
import { openOsc } from '../../src/net/osc-door.ts';

const run = promisify(execFile);
const found = (tool: string): boolean => !('code' in (spawnSync(tool).error ?? {}));
// Where the run must be complete, a missing tool fails these tests instead of skipping them.
const hasLiblo = process.env['CI'] !== undefined || (found('oscsend') && found('oscdump'));
const withLiblo = hasLiblo ? it : it.skip;
const named = (name: string): string => (hasLiblo ? name : `${name} (skipped: liblo-tools is not installed)`);

const note = { kind: 'note', pitch: pitch(64), velocity: 70, channel: channel(2), role: 'harmonise', id: 9, wanted: ms(12.5), sent: ms(13) } as const;

let owner = new Owner();
afterEach(async () => {
  await owner.close();
  owner = new Owner();
});

const receiver = async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  owner.own({ close: () => void socket.close() });
  const next = async (): Promise<string> => ((await once(socket, 'message')) as [Buffer])[0].toString('latin1');
  return { port: socket.address().port, socket, next };
};

const open = async (out?: { host: string; port: number }) => {
  const commands: Command[] = [];
  const errors: AntiphonError[] = [];
  const wakers: (() => void)[] = [];
  const wake = (): void => wakers.splice(0).forEach((resume) => resume());
  const door = owner.own(
    await openOsc({
      port: 0,
      ...(out ? { out } : {}),
      onCommand: (command) => {
        commands.push(command);
        wake();
      },
      onError: (error) => {
        errors.push(error);
        wake();
      },
    }),
  );
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>((resolve) => wakers.push(resolve));
  };
  return { door, commands, errors, until };
};

describe('the OSC door', () => {
  it('answers what is malformed at the out address, counts it, and goes on', async () => {
    const out = await receiver();
    const { door, commands, errors, until } = await open({ host: '127.0.0.1', port: out.port });
    const reply = out.next();
    out.socket.send('garbage!', door.port, '127.0.0.1');
    expect(await reply).toContain('/antiphon/error\0,ss\0osc.packet\0');
    out.socket.send('/antiphon/play\0\0,\0\0\0', door.port, '127.0.0.1');
    await until(() => commands.length === 1);
    expect(commands).toEqual([{ kind: 'play' }]);
    expect(errors.map(({ code }) => code)).toEqual(['osc.packet']);
    expect(door.counters).toEqual({ received: 2, malformed: 1, sent: 1, unsent: 0 });
  });

  it('does not answer its own words, so that two doors face to face fall silent', async () => {
    const first = await open();
    const second = await open({ host: '127.0.0.1', port: first.door.port });
    second.door.tell({ kind: 'error', code: 'a.b', message: 'c' });
    await first.until(() => first.errors.length === 1);
    expect(first.errors[0]?.code).toBe('osc.echo');
    expect(first.door.counters.sent).toBe(0);
  });

  it('says what to do when the port is taken', async () => {
    const { port } = await receiver();
    await expect(openOsc({ port, onCommand: () => {} })).rejects.toMatchObject({ code: 'osc.port', message: expect.stringContaining('--osc-in') as string });
  });

  it('says nothing after it was closed', async () => {
    const { door } = await open({ host: '127.0.0.1', port: 9 });
    await door.close();
    door.tell({ kind: 'ready' });
    expect(door.counters.sent).toBe(0);
  });

  withLiblo(named('hears oscsend play a note and change a parameter'), async () => {
    const { door, commands, errors, until } = await open();
    const send = (...args: string[]) => run('oscsend', ['127.0.0.1', String(door.port), ...args]);
    await send('/antiphon/note', 'ii', '60', '80');
    await send('/antiphon/note', 'fff', '60', '0', '2');
    await send('/antiphon/param/temperature', 'f', '0.5');
    await send('/antiphon/patch', 's', 'harmony');
    await send('/antiphon/play');
    await send('/antiphon/note', 'ii', '60', '800');
    await until(() => errors.length === 1);
    expect(commands).toEqual([
      { kind: 'note', pitch: 60, velocity: 80, channel: 1 },
      { kind: 'note', pitch: 60, velocity: 0, channel: 2 },
      { kind: 'param', name: 'temperature', value: 0.5 },
      { kind: 'patch', name: 'harmony' },
      { kind: 'play' },
    ]);
    expect(errors[0]?.message).toContain('note.velocity cannot be: 800');
  });

  withLiblo(named('is understood by oscdump'), async () => {
    const { port, socket } = await receiver();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    owner = new Owner();
    const { door } = await open({ host: '127.0.0.1', port });
    const dump = spawn('oscdump', ['-L', String(port)]);
    owner.own({ close: () => void dump.kill() });
    let text = '';
    const lines = new Promise<void>((resolve) => {
      dump.stdout.on('data', (data: Buffer) => {
        text += String(data);
        if (text.includes('/antiphon/error')) resolve();
      });
    });
    // oscdump says nothing when it is ready: knock until it answers.
    const knock = setInterval(() => {
      door.tell({ kind: 'ready' });
      if (!text.includes('/antiphon/ready')) return;
      clearInterval(knock);
      door.tell(note);
      door.tell({ kind: 'withdraw', id: 9 });
      door.tell({ kind: 'error', code: 'param.value', message: 'größer' });
    }, 20);
    await lines;
    const said = text.split('\n').map((line) => line.replace(/^\S+ /, ''));
    expect(said).toContain('/antiphon/ready ');
    expect(said).toContain('/antiphon/out/note iiisid 64 70 2 "harmonise" 9 12.500000');
    expect(said).toContain('/antiphon/out/withdraw i 9');
    expect(said.some((line) => line.startsWith('/antiphon/error ss "param.value"'))).toBe(true);
  });
});
