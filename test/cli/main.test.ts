import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'antiphon-main-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the built command in an empty folder. */
const antiphon = (...words: string[]): Promise<{ code: number; out: string; told: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], { cwd: folder, timeout: 20_000 }, (error, out, told) => resolve({ code: error ? Number(error.code) : 0, out, told }));
  });

describe('the command line', () => {
  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await antiphon('--version')).toEqual({ code: 0, out: `${version}\n`, told: '' });
  });

  it('lists its commands with examples, and each has help of its own that says the same of it', async () => {
    const { out } = await antiphon('--help');
    expect(out).toContain('$ antiphon live --demo');
    const listed = out.slice(out.indexOf('Commands:'), out.indexOf('help [command]'));
    const rows = listed.split(/^ {2}(?=\w)/m).slice(1).map((row) => row.replaceAll(/\s+/g, ' ').trim());
    const names = rows.map((row) => row.split(' ', 1)[0] as string);
    expect(names).toEqual(expect.arrayContaining(['live', 'rehearse', 'generate', 'train', 'evaluate', 'listen', 'replay', 'ports', 'doctor', 'bench', 'soak', 'setup']));
    await Promise.all(names.map(async (name, i) => {
      const help = (await antiphon(name, '--help')).out;
      const [, about = ''] = help.split('\n\n');
      expect(`${name} ${about.replaceAll(/\s+/g, ' ')}`).toBe(rows[i]);
      if (name !== 'bench') expect(help).toMatch(/Examples?:\n {2}\$ antiphon /);
    }));
  });

  it('suggests the command that was meant', async () => {
    expect(await antiphon('reherse')).toEqual({ code: 1, out: '', told: 'antiphon: No such command: "reherse". Did you mean rehearse? [cli.command]\n' });
    expect((await antiphon('help', 'replya')).told).toContain('Did you mean replay?');
    expect((await antiphon('duet')).told).toContain('A patch is played by `antiphon live PATCH`.');
  });

  it('says what is wrong in one line, with a code, and ends with 1', async () => {
    expect(await antiphon('rehearse', 'gone.mid', '-o', 'out.mid')).toEqual({ code: 1, out: '', told: 'antiphon: Cannot read the file (ENOENT: no such file or directory): "gone.mid". Give a Standard MIDI File. [file.read]\n' });
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const where = `127.0.0.1:${taken.address().port}`;
    expect(await antiphon('live', '--no-midi', '--http', '127.0.0.1:0', '--osc-in', where)).toEqual({ code: 1, out: '', told: `antiphon: Cannot listen for OSC: "${where}". bind EADDRINUSE ${where}. Choose another with --osc-in. [osc.port]\n` });
    taken.close();
    writeFileSync(join(folder, 'a file'), '');
    expect(await antiphon('live', '--no-midi', '--http', '127.0.0.1:0', '--osc-in', '0', '--record', 'a file')).toMatchObject({ code: 1, out: '', told: expect.stringMatching(/^antiphon: The session cannot be kept there: "a file\/[^"]+"\. ENOTDIR: [^\n]+ Choose another folder with --record\. \[record\.folder\]\n$/) as string });
    expect(await antiphon('generate', '-o', 'out.mid', '--colour', 'red')).toMatchObject({ code: 1, told: expect.stringContaining("unknown option '--colour'") as string });
  });
});
