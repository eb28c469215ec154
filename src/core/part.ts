/**
 * One part of an event: the symbols it can be fed (with marks such as a start, which are never predicted) and those it can predict.
 * A part with no outputs is fed and never asked; such parts stand after those that are asked.
 */
export interface Part {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** What the other parts' heads can be told of it, where that is not the symbol itself; `inputs` by default. */
  readonly told?: number;
}

/** How many things the other parts' heads can be told of a part. */
export const toldOf = ({ told, inputs }: Part): number => told ?? inputs;
