import { openEngine } from '../engine/choose.ts';
import type { Model } from '../model/checkpoint.ts';
import type { Predictor, Request } from '../model/predictor.ts';

/** A predictor whose engine can be changed between two steps: states serve any engine. */
export class Switched implements Predictor {
  private readonly model: Pick<Model, 'card' | 'weights'>;
  private readonly lost: (why: unknown) => void;
  private current: Predictor;
  private embedded: Promise<Predictor> | null = null;

  /** @param lost told once of each engine that failed and was replaced */
  constructor(model: Pick<Model, 'card' | 'weights'>, current: Predictor, lost: (why: unknown) => void) {
    this.model = model;
    this.current = current;
    this.lost = lost;
  }

  get shape(): Predictor['shape'] {
    return this.current.shape;
  }

  /** Loads the embedded engine beside the one that plays. @throws AntiphonError `engine.*` */
  async prepare(): Promise<void> {
    await this.fallback();
  }

  /** Plays with another engine from the next step on; the one that played, which is embedded, stays for the case that it is lost. */
  change(to: Predictor): void {
    this.embedded ??= Promise.resolve(this.current);
    this.current = to;
  }

  /** An engine that is lost in a step is replaced by the embedded one, and the step is done again. */
  async submit(batch: readonly Request[]): ReturnType<Predictor['submit']> {
    const { current } = this;
    try {
      return await current.submit(batch);
    } catch (thrown) {
      const embedded = await this.fallback();
      if (this.current === current) {
        this.current = embedded;
        if (embedded !== current) this.lost(thrown);
      }
      return this.current.submit(batch);
    }
  }

  close(): void {
    this.current.close();
    void this.embedded?.then((embedded) => embedded !== this.current && embedded.close(), () => {});
  }

  private fallback(): Promise<Predictor> {
    const { card, weights } = this.model;
    return (this.embedded ??= openEngine('wasm', card.shape, weights));
  }
}
