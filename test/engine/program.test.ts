import { describe, expect, it } from 'vitest';
import { remedyFor, runProgram } from '../../src/engine/program.ts';

// As the programs print them.
const SAID: readonly (readonly [string, string])[] = [
  ['/usr/bin/python3: No module named ensurepip', 'python3-venv'],
  ['The virtual environment was not created successfully because ensurepip is not available.', 'python3-venv'],
  ['spawn python3 ENOENT', 'Install Python 3.10'],
  ['spawn g++ ENOENT', 'apt install g++ make'],
  ['gyp ERR! stack Error: not found: make', 'apt install g++ make'],
  ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", 'no room on the disk'],
  ['gyp ERR! stack FetchError: request to https://nodejs.org/download/release/v20.0.0/node-v20.0.0-headers.tar.gz failed, reason: getaddrinfo ENOTFOUND nodejs.org', 'nodedir'],
  ["Failed to establish a new connection: [Errno 111] Connection refused\nERROR: No matching distribution found for tensorflow-cpu==2.21.0", 'check the network'],
  ['npm error code EAI_AGAIN\nnpm error syscall getaddrinfo', 'check the network'],
  ['ERROR: No matching distribution found for tensorflow-cpu==2.21.0', 'Python 3.10 to 3.13'],
  ["Error: [Errno 13] Permission denied: '/opt/antiphon/venv'", 'ANTIPHON_TENSORFLOW'],
  ['Segmentation fault', 'Run this again'],
];

describe('remedyFor', () => {
  it.each(SAID)('%s', (said, remedy) => expect(remedyFor(said)).toContain(remedy));
});

describe('runProgram', () => {
  it('gives back what was said', async () => {
    expect(await runProgram(process.execPath, ['-e', 'console.log(process.env.A, process.cwd())'], { cwd: '/', env: { A: '1' } })).toEqual({ out: '1 /\n' });
  });

  it('fails with the last lines, the command and what to do', async () => {
    const script = "for (let i = 0; i < 40; i++) console.error('line ' + i); console.error('No space left on device'); process.exit(3)";
    const thrown: unknown = await runProgram(process.execPath, ['-e', script], {}).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'setup.step', value: 3 });
    const { message } = thrown as Error;
    expect(message.startsWith('line 29\n')).toBe(true);
    expect(message).toContain('no room on the disk');
  });

  it('says that there is no such program', async () => {
    await expect(runProgram('no-such-program', [], {})).rejects.toMatchObject({ code: 'setup.step', value: 'spawn no-such-program ENOENT' });
  });
});
