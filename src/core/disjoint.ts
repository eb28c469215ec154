/** Sets of whole numbers from 0 that are joined two at a time (union-find; Tarjan 1975). */
export class DisjointSets {
  private readonly parent: Int32Array;

  constructor(count: number) {
    this.parent = Int32Array.from({ length: count }, (_, i) => i);
  }

  /** The number that stands for the set `i` is in. */
  find(i: number): number {
    let root = i;
    while (this.parent[root] !== root) root = this.parent[root] as number;
    for (let at = i; at !== root; ) {
      const next = this.parent[at] as number;
      this.parent[at] = root;
      at = next;
    }
    return root;
  }

  /** Makes one set of those `a` and `b` are in. */
  join(a: number, b: number): void {
    this.parent[this.find(a)] = this.find(b);
  }
}
