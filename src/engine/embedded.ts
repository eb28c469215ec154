import { readFileSync } from 'node:fs';
import { attend, remember, windowOf } from '../model/attention.ts';
import type { Attention } from '../model/shape.ts';
import type { Add, Arithmetic, Dense, Find } from './arithmetic.ts';
import { bundled } from './bundled.ts';

/** What `kernel/kernel.ts` exports; places are bytes of its memory. */
interface Kernel {
  dense(x: number, q: number, unit: number, w: number, scale: number, bias: number, out: number, rows: number, inputs: number, outputs: number): void;
  measure(rows: number, lanes: number, most: number, outputs: number): void;
  pack(rows: number, by: number, w: number, apart: number, outputs: number): void;
  add(sum: number, more: number, count: number): void;
  lstm(gates: number, h: number, c: number, units: number): void;
  attend(query: number, keys: number, values: number, lag: number, scores: number, found: number, places: number, pairs: number, newest: number, size: number, heads: number): void;
  tanh(x: number, count: number): void;
}

/** A block of weights: this many outputs by as many inputs. */
const BLOCK = { outputs: 4, inputs: 8 } as const;
/** Lanes of 32 bits that an output's products are summed in, each over neighbouring pairs of a block's inputs. */
const LANES = 4;
/** The most that weights of 16 bits can be, and that their sum in a lane may be where inputs are rounded to ±8191: no sum of products passes 32 bits. Single floats add them up, so not to the last of it. */
const LARGEST = 32_767;
const LANE_SUM = (0.999 * 2 ** 31) / 8191;
/** Rows of one product: more are done in several. */
const ROWS = 16;
const PAGE = 65_536;
/** Bytes that a place can take beyond what is asked for: to the next sixteen, and sixteen behind. */
const SLACK = 32;

const padded = (count: number, to: number): number => Math.ceil(count / to) * to;

/**
 * The embedded engine: WebAssembly with SIMD, on one thread, from the package alone. Weights are whole numbers of 16 bits, each output
 * in its own unit, and inputs of 14; the sums of a lane are exact. A step's time is that of reading the weights, so half the bytes are
 * half the time; the shipped models' nats change in the sixth digit. The same bits come out on every machine.
 */
export class Embedded implements Arithmetic {
  readonly feed = null;
  private readonly kernel: Kernel;
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private floats = new Float32Array(this.memory.buffer);
  private end = 16;
  /** Room for the largest product and for its cells. Made with the layers: the memory's growing takes every view of it away. */
  private products: Room = { at: 0, bytes: 0 };
  private cells: Room = { at: 0, bytes: 0 };

  /** @throws WebAssembly.CompileError where the processor has no SIMD */
  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(bundled('kernel.wasm')));
    this.kernel = new WebAssembly.Instance(compiled, { env: { memory: this.memory } }).exports as unknown as Kernel;
  }

  dense(kernel: Float32Array, bias: Float32Array | null, outputs: number): Dense {
    const inputs = kernel.length / outputs;
    const [wide, deep] = [padded(outputs, BLOCK.outputs), padded(inputs, BLOCK.inputs)];
    const [w, scale, offset] = [this.reserve(2 * wide * deep), this.reserve(4 * wide), this.reserve(4 * wide)];
    this.products = this.atLeast(this.products, ROWS * (6 * deep + 4 + 4 * wide) + 4 * SLACK);
    this.cells = this.atLeast(this.cells, 6 * wide + 3 * SLACK);
    this.pack(kernel, outputs, w, scale);
    if (bias) this.floats.set(bias, offset / 4);
    const now = (values: Float32Array, rows: number): Float32Array => {
      if (rows > ROWS) return inTurns(now, values, rows, inputs, outputs);
      const [x, q, unit, out] = placesIn(this.products, 4 * deep * rows, 2 * deep * rows, 4 * rows, 4 * wide * rows) as [number, number, number, number];
      const { floats } = this;
      if (inputs === deep) floats.set(values, x / 4);
      else {
        for (let r = 0; r < rows; r++) {
          floats.set(values.subarray(r * inputs, (r + 1) * inputs), x / 4 + r * deep);
          floats.fill(0, x / 4 + r * deep + inputs, x / 4 + (r + 1) * deep);
        }
      }
      this.kernel.dense(x, q, unit, w, scale, offset, out, rows, deep, wide);
      const from = out / 4;
      if (outputs === wide || rows === 1) return floats.subarray(from, from + rows * outputs);
      const close = new Float32Array(rows * outputs);
      for (let r = 0; r < rows; r++) close.set(floats.subarray(from + r * wide, from + r * wide + outputs), r * outputs);
      return close;
    };
    return { outputs, now, later: async (values, rows) => now(values, rows), close: () => {} };
  }

  tables(tables: readonly Float32Array[], width: number): Add {
    // Rows of any width, read from where they begin: sixteen bytes' steps end within the next row, or behind the last.
    const places = tables.map((table) => {
      const at = this.reserve(4 * table.length + SLACK);
      this.floats.set(table, at / 4);
      return at;
    });
    const sumAt = this.reserve(4 * width + SLACK);
    return (sum, event) => {
      const { floats } = this;
      floats.set(sum.subarray(0, width), sumAt / 4);
      for (let p = 0; p < places.length; p++) this.kernel.add(sumAt, (places[p] as number) + 4 * width * (event[p] as number), width);
      sum.set(floats.subarray(sumAt / 4, sumAt / 4 + width));
    };
  }

  lstm(gates: Float32Array, h: Float32Array, c: Float32Array): void {
    const units = h.length;
    const [gatesAt, hAt, cAt] = placesIn(this.cells, 16 * units, 4 * units, 4 * units) as [number, number, number];
    const { floats } = this;
    floats.set(gates, gatesAt / 4);
    floats.set(c, cAt / 4);
    this.kernel.lstm(gatesAt, hAt, cAt, units);
    h.set(floats.subarray(hAt / 4, hAt / 4 + units));
    c.set(floats.subarray(cAt / 4, cAt / 4 + units));
  }

  attention(attention: Attention, lag: Float32Array): Find {
    const { window: places, size, heads } = attention;
    if (size % (4 * heads) !== 0) return (...given) => attend(attention, lag, ...given);
    const lagAt = this.reserve(4 * lag.length);
    this.floats.set(lag, lagAt / 4);
    const ring = 4 * places * size;
    const at = this.reserve(2 * ring + 4 * places + 8 * size + 5 * SLACK);
    const [queryAt, keys, values, scores, foundAt] = placesIn({ at }, 4 * size, ring, ring, 4 * places, 4 * size) as [number, number, number, number, number];
    return (memory, query, key, value, found) => {
      const window = windowOf(attention, memory);
      const count = remember(attention, memory, window, key, value);
      const pairs = Math.min(count, places);
      const { floats } = this;
      floats.set(query, queryAt / 4);
      floats.set(window.keys.subarray(0, pairs * size), keys / 4);
      floats.set(window.values.subarray(0, pairs * size), values / 4);
      this.kernel.attend(queryAt, keys, values, lagAt, scores, foundAt, places, pairs, (count - 1) % places, size, heads);
      found.set(floats.subarray(foundAt / 4, foundAt / 4 + size));
    };
  }

  tanh(values: Float32Array): void {
    const { at, bytes } = this.cells;
    const most = (bytes - SLACK) / 4;
    for (let from = 0; from < values.length; from += most) {
      const some = values.subarray(from, from + most);
      this.floats.set(some, at / 4);
      this.kernel.tanh(at, some.length);
      some.set(this.floats.subarray(at / 4, at / 4 + some.length));
    }
  }

  /** Rounds a kernel (a row of `outputs` an input) to 16 bits in blocks, each output in the smallest unit that keeps its lanes' sums within 32 bits. */
  private pack(kernel: Float32Array, outputs: number, w: number, scale: number): void {
    const inputs = kernel.length / outputs;
    const [wide, deep] = [padded(outputs, BLOCK.outputs), padded(inputs, BLOCK.inputs)];
    const [rowsAt, lanesAt, mostAt] = placesIn(this.products, 4 * BLOCK.inputs * wide, 4 * LANES * wide, 4 * wide) as [number, number, number];
    const { floats } = this;
    const [rows, lanes, most, units] = [[rowsAt, BLOCK.inputs * wide], [lanesAt, LANES * wide], [mostAt, wide], [scale, wide]].map(([at, count]) => floats.subarray((at as number) / 4, (at as number) / 4 + (count as number))) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const load = (from: number): void => {
      rows.fill(0);
      if (wide === outputs) rows.set(kernel.subarray(from * outputs, (from + BLOCK.inputs) * outputs));
      else for (let k = from; k < Math.min(from + BLOCK.inputs, inputs); k++) rows.set(kernel.subarray(k * outputs, (k + 1) * outputs), (k - from) * wide);
    };
    lanes.fill(0);
    most.fill(0);
    for (let k = 0; k < inputs; k += BLOCK.inputs) {
      load(k);
      this.kernel.measure(rowsAt, lanesAt, mostAt, wide);
    }
    for (let n = 0; n < wide; n++) {
      let sum = 0;
      for (let lane = 0; lane < LANES; lane++) sum = Math.max(sum, lanes[lane * wide + n] as number);
      // Rounding can add a half to each of a lane's weights.
      units[n] = sum === 0 ? 0 : Math.min(LARGEST / (most[n] as number), (LANE_SUM - deep / LANES) / sum);
    }
    for (let k = 0; k < inputs; k += BLOCK.inputs) {
      load(k);
      this.kernel.pack(rowsAt, scale, w + (2 * k * BLOCK.outputs), 2 * BLOCK.outputs * deep, wide);
    }
    for (let n = 0; n < wide; n++) if (units[n] !== 0) units[n] = 1 / (units[n] as number);
  }

  private atLeast(room: Room, bytes: number): Room {
    return room.bytes < bytes ? { at: this.reserve(bytes), bytes: padded(bytes, 16) } : room;
  }

  /** A place for so many bytes, for good; zeros. */
  private reserve(bytes: number): number {
    const place = this.end;
    this.end += padded(bytes, 16);
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE));
      this.floats = new Float32Array(this.memory.buffer);
    }
    return place;
  }
}

/** Bytes of memory to work in. */
interface Room {
  readonly at: number;
  readonly bytes: number;
}

/** Places in a room for so many bytes each, with some behind each, since the kernel goes in steps of sixteen. */
const placesIn = ({ at }: Pick<Room, 'at'>, ...bytes: readonly number[]): number[] => {
  let next = at;
  return bytes.map((each) => {
    const place = next;
    next += padded(each, 16) + 16;
    return place;
  });
};

let compiled: WebAssembly.Module | undefined;

/** More rows than one product takes. */
const inTurns = (now: Dense['now'], values: Float32Array, rows: number, inputs: number, outputs: number): Float32Array => {
  const all = new Float32Array(rows * outputs);
  for (let r = 0; r < rows; r += ROWS) {
    const some = Math.min(ROWS, rows - r);
    all.set(now(values.subarray(r * inputs, (r + some) * inputs), some), r * outputs);
  }
  return all;
};
