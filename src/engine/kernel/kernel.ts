// The embedded engine's inner loops, in AssemblyScript: compiled to WebAssembly with SIMD, and run by `../embedded.ts`, which lays out
// the memory. Whole numbers and single floats only, and no library's functions: every machine gets the same bits.

/** Inputs are rounded to −INPUT … INPUT, and weights so that no lane's sum of products can pass 32 bits. */
const INPUT: f32 = 8191;

/**
 * A dense layer for `rows` rows of inputs: `out` = x · w + bias. The weights are read once.
 *
 * @param x rows of `inputs` floats, which are a multiple of eight
 * @param q room for as many 16-bit numbers
 * @param unit room for a float a row: what its numbers count in
 * @param w blocks of four outputs by eight inputs, in 16 bits: the order in which they are read
 * @param scale what an output's weights count in
 * @param outputs a multiple of four
 */
export function dense(x: usize, q: usize, unit: usize, w: usize, scale: usize, bias: usize, out: usize, rows: i32, inputs: i32, outputs: i32): void {
  const given = (<usize>inputs) << 1;
  for (let row: usize = 0; row < <usize>rows; row++) store<f32>(unit + (row << 2), narrow(x + row * (given << 1), q + row * given, inputs));
  for (let lane: usize = 0; lane < (<usize>outputs) << 2; lane += 16) {
    const scales = v128.load(scale + lane), biases = v128.load(bias + lane);
    for (let row: usize = 0; row < <usize>rows; row++) {
      let a = i32x4.splat(0), b = i32x4.splat(0), c = i32x4.splat(0), d = i32x4.splat(0);
      let block = w;
      const end = q + (row + 1) * given;
      for (let at = end - given; at < end; at += 16) {
        const numbers = v128.load(at);
        a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(block), numbers));
        b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(block, 16), numbers));
        c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(block, 32), numbers));
        d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(block, 48), numbers));
        block += 64;
      }
      const sum = f32x4.mul(sums(f32x4.convert_i32x4_s(a), f32x4.convert_i32x4_s(b), f32x4.convert_i32x4_s(c), f32x4.convert_i32x4_s(d)), f32x4.mul(scales, f32x4.splat(load<f32>(unit + (row << 2)))));
      v128.store(out + row * ((<usize>outputs) << 2) + lane, f32x4.add(sum, biases));
    }
    w += given << 2;
  }
}

/** Rounds `count` floats to 16 bits at `q`; gives what these count in. */
function narrow(x: usize, q: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  const end = x + ((<usize>count) << 2);
  for (let at = x; at < end; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(at)));
  const largest = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  const by = f32x4.splat(largest > 0 ? INPUT / largest : 0);
  for (let at = x; at < end; at += 32) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), by)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at, 16), by)));
    v128.store(q, i16x8.narrow_i32x4_s(low, high));
    q += 16;
  }
  return largest / INPUT;
}

/** The four lanes of each, summed. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/**
 * Eight rows of a kernel measured: the sum of its weights' sizes in each lane that `dense` sums in, and the largest.
 *
 * @param lanes four times `outputs` floats, added to
 * @param most `outputs` floats
 */
export function measure(rows: usize, lanes: usize, most: usize, outputs: i32): void {
  const width = (<usize>outputs) << 2;
  for (let row: usize = 0; row < 8; row++) {
    const lane = lanes + (row >> 1) * width;
    for (let at: usize = 0; at < width; at += 16) {
      const size = f32x4.abs(v128.load(rows + row * width + at));
      v128.store(lane + at, f32x4.add(v128.load(lane + at), size));
      v128.store(most + at, f32x4.max(v128.load(most + at), size));
    }
  }
}

/**
 * Eight rows of a kernel into blocks.
 *
 * @param by what each output's weights are multiplied by
 * @param w where the first block goes
 * @param apart bytes from one four outputs' block to the next four's
 */
export function pack(rows: usize, by: usize, w: usize, apart: usize, outputs: i32): void {
  const width = (<usize>outputs) << 2;
  for (let at: usize = 0; at < width; at += 16) {
    const unit = v128.load(by + at);
    const first = pair(rows + at, width, unit), second = pair(rows + at + 2 * width, width, unit);
    const third = pair(rows + at + 4 * width, width, unit), fourth = pair(rows + at + 6 * width, width, unit);
    const a = v128.shuffle<i16>(first, second, 0, 4, 8, 12, 1, 5, 9, 13), b = v128.shuffle<i16>(third, fourth, 0, 4, 8, 12, 1, 5, 9, 13);
    const c = v128.shuffle<i16>(first, second, 2, 6, 10, 14, 3, 7, 11, 15), d = v128.shuffle<i16>(third, fourth, 2, 6, 10, 14, 3, 7, 11, 15);
    v128.store(w, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(w, v128.shuffle<i64>(a, b, 1, 3), 16);
    v128.store(w, v128.shuffle<i64>(c, d, 0, 2), 32);
    v128.store(w, v128.shuffle<i64>(c, d, 1, 3), 48);
    w += apart;
  }
}

/** Four outputs' weights of two rows, rounded to 16 bits. */
function pair(at: usize, width: usize, unit: v128): v128 {
  const upper = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), unit)));
  const lower = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at + width), unit)));
  return i16x8.narrow_i32x4_s(upper, lower);
}

/** Adds `count` floats to others, and up to three more. */
export function add(sum: usize, more: usize, count: i32): void {
  const width = (<usize>count) << 2;
  for (let at: usize = 0; at < width; at += 16) v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(more + at)));
}

/**
 * An LSTM's cells: moves `h` and `c` by the gates i, c, f, o of `units` floats each. Reads and writes up to three floats beyond where
 * `units` is no multiple of four.
 */
export function lstm(gates: usize, h: usize, c: usize, units: i32): void {
  const width = (<usize>units) << 2;
  for (let at: usize = 0; at < width; at += 16) {
    const input = sigmoid(v128.load(gates + at)), candidate = hyperbolic(v128.load(gates + width + at));
    const forget = sigmoid(v128.load(gates + 2 * width + at)), output = sigmoid(v128.load(gates + 3 * width + at));
    const cell = f32x4.add(f32x4.mul(forget, v128.load(c + at)), f32x4.mul(input, candidate));
    v128.store(c + at, cell);
    v128.store(h + at, f32x4.mul(output, hyperbolic(cell)));
  }
}

/**
 * What attention finds in its window, as `attend` of the model: of `heads`, whose width is a multiple of four floats.
 *
 * @param lag bias of each lag from 1, a float a head
 * @param scores room for `pairs` floats, and three more
 * @param pairs places of the window that are filled
 * @param newest the place that was filled last
 */
export function attend(query: usize, keys: usize, values: usize, lag: usize, scores: usize, found: usize, places: i32, pairs: i32, newest: i32, size: i32, heads: i32): void {
  const place = (<usize>size) << 2;
  const width = place / <usize>heads;
  const by = <f32>1 / sqrt<f32>(<f32>(width >> 2));
  for (let head = 0; head < heads; head++) {
    const from = (<usize>head) * width;
    let best: f32 = 0;
    let at = newest;
    for (let back = 0; back < pairs; back++) {
      let sum = f32x4.splat(0);
      for (let i: usize = from; i < from + width; i += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(query + i), v128.load(keys + (<usize>at) * place + i)));
      const score = f32x4.extract_lane(sums(sum, sum, sum, sum), 0) * by + load<f32>(lag + ((back * heads + head) << 2));
      store<f32>(scores + (back << 2), score);
      best = max(best, score);
      at = at == 0 ? places - 1 : at - 1;
    }
    const most = f32x4.splat(best);
    for (let more = pairs; more < pairs + 3; more++) store<f32>(scores + (more << 2), -f32.MAX_VALUE);
    let total = f32x4.splat(0);
    for (let back = 0; back < pairs; back += 4) {
      const share = exponential(f32x4.sub(v128.load(scores + (back << 2)), most));
      v128.store(scores + (back << 2), share);
      total = f32x4.add(total, share);
    }
    const whole = f32x4.add(sums(total, total, total, total), exponential(f32x4.neg(most)));
    for (let i: usize = from; i < from + width; i += 16) {
      let sum = f32x4.splat(0);
      at = newest;
      for (let back = 0; back < pairs; back++) {
        sum = f32x4.add(sum, f32x4.mul(f32x4.splat(load<f32>(scores + (back << 2))), v128.load(values + (<usize>at) * place + i)));
        at = at == 0 ? places - 1 : at - 1;
      }
      v128.store(found + i, f32x4.div(sum, whole));
    }
  }
}

/** The hyperbolic tangent of `count` floats, in their place; of up to three more. */
export function tanh(x: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  for (let at = x; at < end; at += 16) v128.store(at, hyperbolic(v128.load(at)));
}

function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exponential(f32x4.neg(x))));
}

function hyperbolic(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(f32x4.splat(1), exponential(f32x4.add(x, x)))));
}

/** e to the power of each: 2ⁿ times the series of what is left, which lies within ±ln 2 / 2; beyond ±87 as there. */
function exponential(given: v128): v128 {
  const x = f32x4.max(f32x4.min(given, f32x4.splat(87)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(Mathf.LOG2E)));
  // ln 2 in two parts, the first so short that its product with n is exact.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-0.00021219444005469)));
  let sum = f32x4.splat(1 / 5040.0);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 720.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1 / 2.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  return f32x4.mul(sum, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}
