import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWithUs } from './spawned.ts';

/**
 * Notochord's own OSC server over a model of its default size with random weights: what it takes does not hang on what they are.
 * Its first line says which versions these are, `usage:` that it listens.
 */
const PROGRAM = `
import os, sys, tempfile
from importlib.metadata import version
import torch
from notochord import Notochord
from notochord.app import server
from iipyper import run
torch.manual_seed(1)
path = os.path.join(tempfile.mkdtemp(), 'random.ckpt')
model = Notochord()
torch.save({'kw': {'model': {}}, 'model_state': model.state_dict()}, path)
print(f"Notochord {version('notochord')} on torch {torch.__version__}, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
receive, send = sys.argv[1:3]
sys.argv = ['server', '--receive-port', receive, '--send-port', send, '--checkpoint', path]
run(server)
`;

/** Where the peer listens, and what it is. */
export interface Notochord {
  readonly version: string;
  close(): void;
}

/** Starts it; where that does not go, a line that says why. */
export const openNotochord = async (python: string, receive: number, send: number): Promise<Notochord | string> => {
  const child = endWithUs(spawn(python, ['-u', '-c', PROGRAM, String(receive), String(send)], { stdio: ['ignore', 'pipe', 'pipe'] }));
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => (told = (told + bytes.toString()).slice(-4000)));
  const failed = new Promise<string>((resolve) => child.once('error', (thrown) => resolve(thrown.message)).once('close', () => resolve(told.trim().split('\n').at(-1) ?? '')));
  const ready = new Promise<Notochord>((resolve) => {
    let version = '';
    // It says every message it gets: what nobody reads would fill its pipe and stop it.
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('Notochord ')) version = line;
      else if (line.startsWith('usage:')) resolve({ version, close: () => void child.kill() });
    });
  });
  return Promise.race([ready, failed.then((why) => `no Notochord to compare with: ${python}: ${why}`)]);
};
