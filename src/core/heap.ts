/** A binary min-heap of fixed capacity. Realtime-safe: yes, no growth after construction. */
export class Heap<T> {
  readonly capacity: number;
  private readonly keys: Float64Array;
  private readonly order: Float64Array;
  private readonly items: (T | undefined)[];
  private count = 0;
  private pushed = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.keys = new Float64Array(capacity);
    this.order = new Float64Array(capacity);
    this.items = Array.from<T | undefined>({ length: capacity }).fill(undefined);
  }

  get size(): number {
    return this.count;
  }

  /** The smallest key; Infinity when empty. */
  get least(): number {
    return this.count > 0 ? (this.keys[0] as number) : Infinity;
  }

  /** Equal keys come out in the order they went in. False when full: the caller counts the drop. */
  push(key: number, item: T): boolean {
    if (this.count === this.capacity) return false;
    let i = this.count++;
    const order = this.pushed++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.before(key, order, parent)) break;
      this.move(parent, i);
      i = parent;
    }
    this.put(i, key, order, item);
    return true;
  }

  /** Takes the item with the smallest key. */
  pop(): T | undefined {
    if (this.count === 0) return undefined;
    const top = this.items[0];
    const last = --this.count;
    const key = this.keys[last] as number;
    const order = this.order[last] as number;
    const item = this.items[last] as T;
    this.items[last] = undefined;
    if (last > 0) this.sink(key, order, item);
    return top;
  }

  /** Drops every item `unwanted` says true of; bounded by the capacity. */
  remove(unwanted: (item: T) => boolean): number {
    const kept: [number, T][] = [];
    const before = this.count;
    for (let next = this.least; this.count > 0; next = this.least) {
      const item = this.pop() as T;
      if (!unwanted(item)) kept.push([next, item]);
    }
    for (const [key, item] of kept) this.push(key, item);
    return before - kept.length;
  }

  private before(key: number, order: number, at: number): boolean {
    const other = this.keys[at] as number;
    return key < other || (key === other && order < (this.order[at] as number));
  }

  private sink(key: number, order: number, item: T): void {
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.count) break;
      if (child + 1 < this.count && !this.before(this.keys[child] as number, this.order[child] as number, child + 1)) child++;
      if (this.before(key, order, child)) break;
      this.move(child, i);
      i = child;
    }
    this.put(i, key, order, item);
  }

  private move(from: number, to: number): void {
    this.keys[to] = this.keys[from] as number;
    this.order[to] = this.order[from] as number;
    this.items[to] = this.items[from];
  }

  private put(at: number, key: number, order: number, item: T): void {
    this.keys[at] = key;
    this.order[at] = order;
    this.items[at] = item;
  }
}
