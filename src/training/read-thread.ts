import { parentPort, workerData } from 'node:worker_threads';
import type { AnyEncodingName } from '../music/encodings.ts';
import { readFound } from './corpus.ts';
import type { Found } from './reader.ts';

// A worker: given a file, it answers with what it read in it.
const { encoding } = workerData as { readonly encoding: AnyEncodingName };
parentPort?.on('message', (found: Found) => {
  const read = readFound(encoding, found);
  const buffers = read.pieces.flatMap(({ parts, line }) => [...parts, ...(line ? [line] : [])].map((array) => array.buffer as ArrayBuffer));
  parentPort?.postMessage(read, [...new Set(buffers)]);
});
