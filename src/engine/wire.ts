import type { Request } from '../model/predictor.ts';
import { memoryOf, type Shape, type Weights } from '../model/shape.ts';

/** A request without its state: what the state adds lies in the message's numbers, in the order of the requests. */
export type Bare = { readonly kind: 'feed'; readonly event: readonly number[] } | { readonly kind: 'query'; readonly part: number; readonly given: readonly number[] };

/** To the engine's process. */
export type Asked =
  | { readonly kind: 'open'; readonly engine: string; readonly shape: Shape; readonly weights: Weights }
  | { readonly kind: 'submit'; readonly requests: readonly Bare[]; readonly numbers: Float32Array };

/** From it: one answer to each `Asked`, in their order. */
export type Answered = { readonly kind: 'done'; readonly numbers: Float32Array } | { readonly kind: 'failed'; readonly message: string };

const headsOf = (shape: Shape): number => shape.parts.length * shape.head;

/** How many numbers a request takes along: a feed its memory, a query what the heads saw. */
export const numbersTo = (shape: Shape, request: Bare): number => (request.kind === 'feed' ? memoryOf(shape) : headsOf(shape));

/** How many come back: a feed's whole state, a query's logits. */
export const numbersFrom = (shape: Shape, request: Bare): number =>
  request.kind === 'feed' ? memoryOf(shape) + headsOf(shape) : (shape.parts[request.part] as Shape['parts'][number]).outputs;

/** What is sent for a batch: states stay where they are, and are sent along as they are now. */
export const packBatch = (shape: Shape, batch: readonly Request[]): Asked => {
  const numbers = new Float32Array(batch.reduce((sum, request) => sum + numbersTo(shape, request), 0));
  let at = 0;
  const requests = batch.map((request): Bare => {
    numbers.set(request.kind === 'feed' ? request.state.memory : request.state.heads, at);
    at += numbersTo(shape, request);
    return request.kind === 'feed' ? { kind: 'feed', event: request.event } : { kind: 'query', part: request.part, given: request.given };
  });
  return { kind: 'submit', requests, numbers };
};

/** The batch again on the other side, on states of its own. */
export const unpackBatch = (shape: Shape, requests: readonly Bare[], numbers: Float32Array): readonly Request[] => {
  let at = 0;
  return requests.map((request): Request => {
    const sent = numbers.subarray(at, (at += numbersTo(shape, request)));
    return request.kind === 'feed' ? { ...request, state: { memory: sent, heads: new Float32Array(headsOf(shape)) } } : { ...request, state: { memory: new Float32Array(0), heads: sent } };
  });
};

/** What comes back for a batch that was run. */
export const packAnswers = (shape: Shape, batch: readonly Request[], answers: readonly (Float32Array | null)[]): Float32Array => {
  const numbers = new Float32Array(batch.reduce((sum, request) => sum + numbersFrom(shape, request), 0));
  let at = 0;
  batch.forEach((request, i) => {
    if (request.kind === 'query') numbers.set(answers[i] as Float32Array, at);
    else {
      numbers.set(request.state.memory, at);
      numbers.set(request.state.heads, at + request.state.memory.length);
    }
    at += numbersFrom(shape, request);
  });
  return numbers;
};

/** Puts what came back into the batch's states; the logits of its queries, null for its feeds. */
export const unpackAnswers = (shape: Shape, batch: readonly Request[], numbers: Float32Array): (Float32Array | null)[] => {
  let at = 0;
  return batch.map((request) => {
    const got = numbers.subarray(at, (at += numbersFrom(shape, request)));
    if (request.kind === 'query') return got.slice();
    request.state.memory.set(got.subarray(0, request.state.memory.length));
    request.state.heads.set(got.subarray(request.state.memory.length));
    return null;
  });
};
