/** One part of an event: the symbols it can be fed (with marks such as a start, which are never predicted) and those it can predict. */
export interface Part {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}
