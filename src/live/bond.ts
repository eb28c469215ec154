import { openState, type ModelState, type Predictor, type Request } from '../model/predictor.ts';
import { logProbability } from '../model/sampling.ts';

type Query = Extract<Request, { kind: 'query' }>;

/**
 * How much likelier an answer is for what was heard than for one who heard nothing: nats an event (the mutual information that Li et al.
 * 2016 choose answers of a conversation by). Asks both each question, and tells the stranger what the answer does.
 */
export class Bond {
  private readonly predictor: Predictor;
  private readonly stranger: ModelState;
  /** What the stranger is fed before the first question; null once it was. */
  private start: readonly number[] | null;
  /** What both held of each part of the next event, where it was asked. */
  private readonly held: (readonly [own: Float32Array, strange: Float32Array] | undefined)[] = [];
  private sum = 0;
  private events = 0;

  /** @param start the encoding's, told what is wished of the answer */
  constructor(predictor: Predictor, start: readonly number[]) {
    this.predictor = predictor;
    this.start = start;
    this.stranger = openState(predictor.shape);
  }

  /** Nats an event. */
  get strength(): number {
    return this.events === 0 ? 0 : this.sum / this.events;
  }

  async ask(query: Query): Promise<Float32Array> {
    if (this.start) await this.predictor.submit([{ kind: 'feed', state: this.stranger, event: this.start }]);
    this.start = null;
    const [own, strange] = (await this.predictor.submit([query, { ...query, state: this.stranger }])) as [Float32Array, Float32Array];
    this.held[query.part] = [own, strange];
    return own;
  }

  /** The answer goes on by an event: what was asked of it counts as it came, and what came unasked does not. */
  async feed(event: readonly number[]): Promise<void> {
    this.held.forEach((both, part) => {
      if (both) this.sum += logProbability(both[0], event[part] as number) - logProbability(both[1], event[part] as number);
    });
    this.held.length = 0;
    this.events++;
    await this.predictor.submit([{ kind: 'feed', state: this.stranger, event }]);
  }
}
