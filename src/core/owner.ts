/** Something opened that must be closed once. */
export interface Closable {
  close(): void | Promise<void>;
}

/** Owns what was opened, and closes it in reverse order; one failure does not keep the rest open. */
export class Owner implements Closable {
  private readonly owned: Closable[] = [];

  own<T extends Closable>(thing: T): T {
    this.owned.push(thing);
    return thing;
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let thing = this.owned.pop(); thing; thing = this.owned.pop()) {
      try {
        await thing.close();
      } catch (thrown) {
        failures.push(thrown);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
