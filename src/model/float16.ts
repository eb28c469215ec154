const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** IEEE 754 half precision of `value`, rounded to nearest even; too large becomes infinity. */
export const halfOf = (value: number): number => {
  word[0] = value;
  const b = bits[0] as number;
  const sign = (b >>> 16) & 0x8000;
  const exponent = ((b >>> 23) & 0xff) - 127;
  if (exponent > 15) return exponent === 128 && (b & 0x7fffff) !== 0 ? sign | 0x7e00 : sign | 0x7c00;
  if (exponent < -25) return sign;
  const mantissa = exponent < -14 ? (b & 0x7fffff) | 0x800000 : b & 0x7fffff;
  const shift = exponent < -14 ? 13 + (-14 - exponent) : 13;
  const base = exponent < -14 ? mantissa >>> shift : ((exponent + 15) << 10) | (mantissa >>> shift);
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && (base & 1) === 1) ? base + 1 : base);
};

/** The number that half-precision bits stand for. */
export const fromHalf = (half: number): number => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
};
