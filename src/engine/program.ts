import { spawn } from 'node:child_process';
import { AntiphonError } from '../core/errors.ts';

/** What a program that ended well has said on standard output. */
export interface Ran {
  readonly out: string;
}

/** What a failure's output means, and what to do. The first that fits counts. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/No module named '?(venv|ensurepip)|ensurepip is not available/, 'Install Python\'s venv (Debian and Ubuntu: `apt install python3-venv`) and run this again.'],
  [/python3: not found|python3 ENOENT/, 'Install Python 3.10 or later (Debian and Ubuntu: `apt install python3 python3-venv`) and run this again.'],
  [/(g\+\+|make|cc1plus|c\+\+).*(not found|ENOENT|No such file)|not found: make/, 'Install a C++ compiler (Debian and Ubuntu: `apt install g++ make`; Fedora: `dnf install gcc-c++ make`) and run this again.'],
  [/No space left|ENOSPC/, 'There is no room on the disk: the set-up needs 2 GB (8 GB with CUDA) under ANTIPHON_TENSORFLOW, and pip as much under TMPDIR while it unpacks.'],
  [/node_api\.h|node\.h|headers.*(404|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT)|gyp http/, 'Node\'s headers could not be fetched. Where they are installed, say so with `npm config set nodedir /usr` (the folder that holds include/node), or set npm_config_nodedir.'],
  [/Temporary failure in name resolution|Failed to establish a new connection|Max retries exceeded|ProxyError|ConnectTimeout|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network (is )?unreachable/i, 'There is no way to the package servers: check the network (or pip\'s and npm\'s mirror settings) and run this again; it goes on where it stopped.'],
  [/No matching distribution|Could not find a version/, 'TensorFlow has no wheel for this Python or processor: it needs Python 3.10 to 3.13 on x86-64 or ARM64, and glibc 2.27 or later.'],
  [/EACCES|Permission denied/i, 'The folder may not be written to: set ANTIPHON_TENSORFLOW to one that may.'],
];

const TAIL = 12;
const KEPT = 20_000;

/** What to do about a program that failed, from what it said. */
export const remedyFor = (output: string): string => REMEDIES.find(([pattern]) => pattern.test(output))?.[1] ?? 'Run this again: it goes on where it stopped.';

/**
 * Runs a program to its end.
 * @throws AntiphonError `setup.step` with the last lines it said and what to do
 */
export const runProgram = (program: string, parameters: readonly string[], options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Ran> =>
  new Promise((resolve, reject) => {
    let out = '';
    let said = '';
    const failed = (why: unknown): void => {
      const lines = said.trimEnd().split('\n').slice(-TAIL).join('\n');
      reject(new AntiphonError('setup.step', `${lines}${lines ? '\n' : ''}\`${[program, ...parameters].join(' ')}\` failed`, why, remedyFor(`${said}\n${String(why)}`)));
    };
    const child = spawn(program, parameters, { ...(options.cwd === undefined ? {} : { cwd: options.cwd }), env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
      said = (said + bytes.toString()).slice(-KEPT);
    });
    child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-KEPT)));
    child.on('error', (thrown) => failed(thrown.message));
    child.on('close', (code, signal) => (code === 0 ? resolve({ out }) : failed(signal ?? code)));
  });
