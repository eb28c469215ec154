/** Doubles in one record: one cache line. */
export const RECORD = 8;

const HEAD = 0;
const TAIL = 1;
const DROPPED = 2;
const HEADER_BYTES = 64;

/** Shared memory for a ring of `capacity` (a power of two) records. */
export const ringMemory = (capacity: number): SharedArrayBuffer =>
  new SharedArrayBuffer(HEADER_BYTES + capacity * RECORD * Float64Array.BYTES_PER_ELEMENT);

/**
 * A single-producer, single-consumer queue of fixed-size records in shared memory, after Lamport 1983.
 * Each side makes its own `Ring` over the same memory.
 */
export class Ring {
  private readonly words: Int32Array;
  private readonly records: Float64Array;
  private readonly mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.records = new Float64Array(memory, HEADER_BYTES);
    this.mask = this.records.length / RECORD - 1;
  }

  /** False when full: the drop is counted in `dropped`. Realtime-safe: yes. */
  push(a: number, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0): boolean {
    const head = Atomics.load(this.words, HEAD);
    if (((head - Atomics.load(this.words, TAIL)) | 0) > this.mask) {
      Atomics.add(this.words, DROPPED, 1);
      return false;
    }
    const r = this.records;
    const at = (head & this.mask) * RECORD;
    r[at] = a;
    r[at + 1] = b;
    r[at + 2] = c;
    r[at + 3] = d;
    r[at + 4] = e;
    r[at + 5] = f;
    r[at + 6] = g;
    r[at + 7] = h;
    Atomics.store(this.words, HEAD, (head + 1) | 0);
    return true;
  }

  /** Copies the oldest record into `into`; false when empty. Realtime-safe: yes. */
  pop(into: Float64Array): boolean {
    const tail = Atomics.load(this.words, TAIL);
    if (tail === Atomics.load(this.words, HEAD)) return false;
    const at = (tail & this.mask) * RECORD;
    for (let i = 0; i < RECORD; i++) into[i] = this.records[at + i] as number;
    Atomics.store(this.words, TAIL, (tail + 1) | 0);
    return true;
  }

  get dropped(): number {
    return Atomics.load(this.words, DROPPED);
  }
}

/** A word in shared memory that one thread sleeps on and others wake. */
export class Bell {
  readonly memory: SharedArrayBuffer;
  readonly word: Int32Array;

  constructor(memory = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.word = new Int32Array(memory);
  }

  /** Realtime-safe: yes (one futex wake). */
  ring(): void {
    Atomics.add(this.word, 0, 1);
    Atomics.notify(this.word, 0);
  }

  /** The value to sleep on: read it before looking for work, so that no ring is missed. */
  get heard(): number {
    return Atomics.load(this.word, 0);
  }

  /** Blocks until rung since `heard`, or `timeout` milliseconds have passed. */
  wait(heard: number, timeout: number): void {
    Atomics.wait(this.word, 0, heard, timeout);
  }
}
