import { forkState, type Predictor, type Request } from './predictor.ts';
import { askedParts, type Shape } from './shape.ts';

/**
 * A predictor that heeds what it is told more, or less, than it has learnt to. Beside a state that is told anything stands another that
 * hears the same and is told nothing; a query that says so is answered by what lies `heed` times as far from the other's answer as the
 * state's own does (classifier-free guidance, Ho and Salimans 2022; there 1 + w). A state that is told nothing costs what it did.
 */
export class Guided implements Predictor {
  private readonly predictor: Predictor;
  /** Parts of an event before those that only tell. */
  private readonly asked: number;

  /** @param predictor of an encoding whose parts that are never asked are wishes: 0 wishes nothing */
  constructor(predictor: Predictor) {
    this.predictor = predictor;
    this.asked = askedParts(predictor.shape.parts).length;
  }

  get shape(): Shape {
    return this.predictor.shape;
  }

  async submit(batch: readonly Request[]): Promise<readonly (Float32Array | null)[]> {
    for (const request of batch) if (request.kind === 'feed') this.attend(request);
    const others = batch.map((request) => this.other(request));
    const doubled = others.filter((other) => other !== null);
    if (doubled.length === 0) return this.predictor.submit(batch);
    const answers = await this.predictor.submit([...batch, ...doubled]);
    let next = batch.length;
    return batch.map((request, i) => {
      const untold = others[i] ? (answers[next++] as Float32Array | null) : null;
      return untold ? beyond(answers[i] as Float32Array, untold, heedOf(request)) : (answers[i] as Float32Array | null);
    });
  }

  close(): void {
    this.predictor.close();
  }

  /** A state that begins to be told something is doubled; one that is told nothing any more is single again. */
  private attend({ state, event }: Extract<Request, { kind: 'feed' }>): void {
    if (event.every((each, part) => part < this.asked || each === 0)) delete state.untold;
    else state.untold ??= forkState({ memory: state.memory, heads: state.heads });
  }

  /** The same of the state that is told nothing, where it counts. */
  private other(request: Request): Request | null {
    const { untold } = request.state;
    if (!untold) return null;
    if (request.kind === 'feed') return { ...request, state: untold, event: request.event.map((each, part) => (part < this.asked ? each : 0)) };
    return heedOf(request) === 1 ? null : { ...request, state: untold };
  }
}

const heedOf = (request: Request): number => (request.kind === 'query' ? (request.heed ?? 1) : 1);

const beyond = (told: Float32Array, untold: Float32Array, heed: number): Float32Array => untold.map((each, i) => each + heed * ((told[i] as number) - each));
