import type { Attention } from './shape.ts';

/** The parts of a state's share of memory: how many events were fed, the last event's key, then the ring of keys and that of values. */
export interface Window {
  readonly last: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

export const windowOf = ({ window: places, size }: Attention, memory: Float32Array): Window => ({
  last: memory.subarray(1, 1 + size),
  keys: memory.subarray(1 + size, 1 + size + places * size),
  values: memory.subarray(1 + size + places * size),
});

/**
 * Puts the last event's key into the window with what followed it, and keeps the present one's for the next time. Gives how many events
 * were fed before this one. Realtime-safe: yes.
 */
export const remember = ({ window: places, size }: Attention, memory: Float32Array, { last, keys, values }: Window, key: Float32Array, value: Float32Array): number => {
  const count = memory[0] as number;
  if (count > 0) {
    const at = ((count - 1) % places) * size;
    keys.set(last, at);
    values.set(value, at);
  }
  last.set(key);
  memory[0] = count + 1;
  return count;
};

/**
 * Attention over the sliding window, one event at a time: scaled products (Luong et al. 2015; Vaswani et al. 2017) with a learnt bias
 * for each lag, so that "what came eight bars ago" can be found by when it was and by what it was. What is found at an event that is
 * like the present is what *followed* it. One more place, of score 0 and nothing in it, lets a head look nowhere.
 * Realtime-safe: yes.
 *
 * @param lag bias of each lag from 1, a number a head
 * @param memory the state's share: a `Window`
 * @param found `size` numbers, filled with what was found
 */
export const attend = (attention: Attention, lag: Float32Array, memory: Float32Array, query: Float32Array, key: Float32Array, value: Float32Array, found: Float32Array): void => {
  const { window: places, size, heads } = attention;
  const window = windowOf(attention, memory);
  const { keys, values } = window;
  const count = remember(attention, memory, window, key, value);
  found.fill(0);
  const pairs = Math.min(count, places);
  const width = size / heads;
  const scale = 1 / Math.sqrt(width);
  if (scores.length < pairs) scores = new Float64Array(places);
  for (let head = 0; head < heads; head++) {
    const from = head * width;
    let best = 0;
    for (let back = 0; back < pairs; back++) {
      const at = ((count - 1 - back) % places) * size + from;
      let score = 0;
      for (let i = 0; i < width; i++) score += (query[from + i] as number) * (keys[at + i] as number);
      score = score * scale + (lag[back * heads + head] as number);
      scores[back] = score;
      if (score > best) best = score;
    }
    let total = Math.exp(-best);
    for (let back = 0; back < pairs; back++) total += scores[back] = Math.exp((scores[back] as number) - best);
    for (let back = 0; back < pairs; back++) {
      const share = (scores[back] as number) / total;
      if (share < NOTHING) continue;
      const at = ((count - 1 - back) % places) * size + from;
      for (let i = 0; i < width; i++) found[from + i] = (found[from + i] as number) + share * (values[at + i] as number);
    }
  }
};

/** A share this small changes no float. */
const NOTHING = 1e-9;
let scores = new Float64Array(512);
