/**
 * One part of an event: the symbols it can be fed (with marks such as a start, which are never predicted) and those it can predict.
 * A part with no outputs is fed and never asked; such parts stand after those that are asked.
 */
export interface Part {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}
