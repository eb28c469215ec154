import type { Coin } from '../../src/core/rng.ts';

/** Bytes that lengths, signs, quotes and brackets go wrong with. */
const AWKWARD = [0x00, 0x01, 0x7f, 0x80, 0xf0, 0xf7, 0xfe, 0xff, ...Buffer.from('"{}[]:,-0eE\\')];
/** What numbers in text go wrong with, and words. */
const WORDS = ['-1', '1e999', '-0', '0.1', '9007199254740993', '4294967296', 'null', 'true', '[]', '{}', '""', '"__proto__"', 'NaN', '\u0000', '\ud800'].map((text) => Buffer.from(text));
/** The longest that an input grows to. */
const LONGEST = 20_000;

type Edit = (bytes: Buffer, at: number, coin: Coin, other: Buffer) => Buffer;

const replaced = (bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
const upTo = (coin: Coin, most: number): number => Math.floor(coin() * most);

const EDITS: readonly Edit[] = [
  // A bit, a byte, four bytes that might be a length.
  (bytes, at, coin) => replaced(bytes, at, at + 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << upTo(coin, 8)))),
  (bytes, at, coin) => replaced(bytes, at, at + 1, Uint8Array.of(AWKWARD[upTo(coin, AWKWARD.length)] as number)),
  (bytes, at, coin) => replaced(bytes, at, at + 4, Uint8Array.from({ length: 4 }, () => (coin() < 0.6 ? 0xff : upTo(coin, 256)))),
  // Left out, said twice, made up, cut short.
  (bytes, at, coin) => replaced(bytes, at, at + 1 + upTo(coin, 24), new Uint8Array()),
  (bytes, at, coin) => replaced(bytes, at, at, bytes.subarray(at, at + 1 + upTo(coin, 64))),
  (bytes, at, coin) => replaced(bytes, at, at, Uint8Array.from({ length: 1 + upTo(coin, 12) }, () => upTo(coin, 256))),
  (bytes, at) => bytes.subarray(0, at),
  // The end of another input; a word in the place of a number or a word.
  (bytes, at, coin, other) => Buffer.concat([bytes.subarray(0, at), other.subarray(upTo(coin, other.length))]),
  (bytes, at, coin) => {
    const text = bytes.toString('latin1');
    const found = /-?\d[\d.]*|"[^"]*"|true|false|null/g;
    found.lastIndex = at;
    const match = found.exec(text);
    return match ? replaced(bytes, match.index, match.index + match[0].length, WORDS[upTo(coin, WORDS.length)] as Buffer) : bytes;
  },
];

/** One of `seeds` with one to six faults in it. */
export const mutated = (seeds: readonly Uint8Array[], coin: Coin): Buffer => {
  let bytes: Buffer = Buffer.from(seeds[upTo(coin, seeds.length)] as Uint8Array);
  const other = Buffer.from(seeds[upTo(coin, seeds.length)] as Uint8Array);
  for (let edits = 1 + upTo(coin, 6); edits > 0; edits--) bytes = (EDITS[upTo(coin, EDITS.length)] as Edit)(bytes, upTo(coin, bytes.length + 1), coin, other).subarray(0, LONGEST);
  return bytes;
};
