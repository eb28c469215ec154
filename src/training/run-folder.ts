import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import type { Cursor } from './batches.ts';

/** Where a run stands, beside its weights. */
export interface RunState {
  readonly settings: unknown;
  readonly step: number;
  readonly seconds: number;
  readonly cursor: Cursor;
  readonly best: { readonly step: number; readonly nll: number } | null;
  /** A row each checkpoint: nats an event (none on the tuning split where there is none), the learning rate, and events a second since the last; runs begun before these were kept lack them. */
  readonly curve: readonly { readonly step: number; readonly train: number; readonly tune: number | null; readonly rate?: number; readonly eventsPerSecond?: number }[];
}

type Arrays = ReadonlyMap<string, Float32Array>;

/** A run's folder: `state.json`, `last.bin` (weights, moments, carried states), `best.bin` (weights) and `report.html`. A file is replaced whole or not at all. */
export class RunFolder {
  private readonly place: string;

  constructor(place: string) {
    this.place = place;
    mkdirSync(place, { recursive: true });
  }

  /** What was saved for these settings; null for a new run. @throws AntiphonError `train.resume` where the folder holds another run */
  resume(settings: unknown): { readonly state: RunState; readonly arrays: Arrays } | null {
    const file = join(this.place, 'state.json');
    if (!existsSync(file)) return null;
    const state = JSON.parse(readFileSync(file, 'utf8')) as RunState;
    if (JSON.stringify(state.settings) !== JSON.stringify(settings)) {
      throw new AntiphonError('train.resume', 'This run was begun with other settings', this.place, 'Use the same options, or another --run folder.');
    }
    return { state, arrays: unpack(readFileSync(join(this.place, `last-${state.step}.bin`))) };
  }

  save(state: RunState, arrays: Arrays, old: (file: string) => void): void {
    this.write(`last-${state.step}.bin`, pack(arrays));
    this.write('state.json', JSON.stringify(state));
    old(`last-${state.step}.bin`);
  }

  saveBest(arrays: Arrays): void {
    this.write('best.bin', pack(arrays));
  }

  /** Replaces `report.html`. */
  page(html: string): void {
    this.write('report.html', html);
  }

  best(): Arrays {
    return unpack(readFileSync(join(this.place, 'best.bin')));
  }

  private write(name: string, bytes: Uint8Array | string): void {
    const file = join(this.place, name);
    writeFileSync(`${file}.new`, bytes);
    renameSync(`${file}.new`, file);
  }
}

const pack = (arrays: Arrays): Uint8Array => {
  const head = Buffer.from(JSON.stringify([...arrays].map(([name, values]) => [name, values.length])));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  return Buffer.concat([size, head, ...[...arrays.values()].map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))]);
};

const unpack = (bytes: Buffer): Map<string, Float32Array> => {
  const length = bytes.readUInt32LE(0);
  const rows = JSON.parse(bytes.toString('utf8', 4, 4 + length)) as [string, number][];
  const out = new Map<string, Float32Array>();
  let at = 4 + length;
  for (const [name, count] of rows) {
    out.set(name, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * count)));
    at += 4 * count;
  }
  return out;
};
