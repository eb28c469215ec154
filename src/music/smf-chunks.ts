import { AntiphonError } from '../core/errors.ts';

/** The division, format and raw tracks of a MIDI file, each cut back to whole events that midi-file's parser can read. */
export interface Chunks {
  readonly format: number;
  /** The 16-bit division word as it stands in the header. */
  readonly division: number;
  readonly tracks: readonly Uint8Array[];
  readonly faults: readonly string[];
}

const id = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
const word = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
const long = (bytes: Uint8Array, at: number): number => word(bytes, at) * 65536 + word(bytes, at + 2);

const find = (bytes: Uint8Array, name: string, from: number): number => {
  const first = name.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (id(bytes, at) === name) return at;
  }
  return -1;
};

/** No header is longer than this; text that happens to say MThd is. */
const LONGEST_HEADER = 1024;

/**
 * Walks the chunks of a Standard MIDI File (RP-001). What wraps the file (RIFF/RMID, MacBinary) and chunks
 * of other kinds are passed over; what is broken is cut and named in `faults`.
 *
 * @throws AntiphonError `smf.read` where there is no usable header
 */
export const readChunks = (bytes: Uint8Array): Chunks => {
  const start = find(bytes, 'MThd', 0);
  if (start < 0) throw unreadable('there is no MThd header', bytes.length);
  if (bytes.length < start + 14) throw unreadable('it ends inside its header', bytes.length);
  const length = long(bytes, start + 4);
  if (length > LONGEST_HEADER) throw unreadable(`its header claims ${length} bytes`, bytes.length);
  const format = word(bytes, start + 8);
  const claimed = word(bytes, start + 10);
  const division = word(bytes, start + 12);
  const faults: string[] = [];
  if (start > 0 && id(bytes, 0) !== 'RIFF') faults.push(`${start} bytes before the header`);
  if (length < 6) faults.push(`header of ${length} bytes`);
  const tracks: Uint8Array[] = [];

  let at = start + 8 + Math.max(6, length);
  while (at + 8 <= bytes.length) {
    const kind = id(bytes, at);
    if (!/^[\x20-\x7e]{4}$/.test(kind)) {
      const next = find(bytes, 'MTrk', at);
      faults.push(next < 0 ? `${bytes.length - at} bytes after the last chunk` : `${next - at} bytes between chunks`);
      if (next < 0) break;
      at = next;
      continue;
    }
    const body = at + 8;
    const end = body + long(bytes, at + 4);
    at = end;
    if (kind !== 'MTrk') continue;
    const track = readable(bytes.subarray(body, Math.min(end, bytes.length)));
    const name = `track ${tracks.length + 1}`;
    if (end > bytes.length) {
      faults.push(`${name}: ${end - bytes.length} bytes are missing`);
      if (track.ended) at = body + track.data.length; // the length was wrong, not the file short
    }
    for (const fault of track.faults) faults.push(`${name}: ${fault}`);
    tracks.push(track.data);
  }
  if (tracks.length !== claimed) faults.push(`${claimed} tracks announced, ${tracks.length} found`);
  return { format, division, tracks, faults };
};

const unreadable = (why: string, size: number): AntiphonError =>
  new AntiphonError('smf.read', `Not a MIDI file that can be read, ${why}`, `${size} bytes`, 'Give a Standard MIDI File (.mid).');

/** The lengths midi-file insists on, by meta type; it throws on any other. */
const META_LENGTHS: Readonly<Record<number, readonly number[]>> = {
  0x00: [2], 0x20: [1], 0x21: [1], 0x2f: [0], 0x51: [3], 0x54: [5], 0x58: [2, 4], 0x59: [2],
};
const END_OF_TRACK = 0x2f;
/** A type with no meaning, which midi-file takes at any length. */
const UNKNOWN_META = 0x10;
/** midi-file spreads a text over the call stack, which overflows at about 100 kB. */
const LONGEST_TEXT = 4096;

interface Readable {
  readonly data: Uint8Array;
  readonly ended: boolean;
  readonly faults: readonly string[];
}

/** midi-file reads past the end without a word and throws on small oddities, so every event is measured first. */
const readable = (data: Uint8Array): Readable => {
  const faults: string[] = [];
  const passedOver: number[] = [];
  let status = -1;
  let at = 0;
  const upTo = (length: number, ended: boolean): Readable => {
    const kept = data.slice(0, length); // only now: a file of many false lengths would else be copied as often
    for (const type of passedOver) kept[type] = UNKNOWN_META;
    return { data: kept, ended, faults };
  };
  const cut = (length: number, why: string): Readable => {
    faults.push(`cut at byte ${length}, ${why}`);
    return upTo(length, false);
  };

  while (at < data.length) {
    const event = at;
    const delta = variable(data, at);
    if (delta === null) return cut(event, 'no such delta time');
    at = delta.next;
    const first = data[at];
    if (first === undefined) return cut(event, 'an event is missing');
    if (first === 0xff || first === 0xf0 || first === 0xf7) {
      const type = first === 0xff ? at + 1 : at;
      const size = variable(data, type + 1);
      if (size === null || size.next + size.value > data.length) return cut(event, 'an event is not whole');
      at = size.next + size.value;
      if (first !== 0xff) continue;
      const meta = data[type] as number;
      const odd = META_LENGTHS[meta]?.includes(size.value) === false;
      if (odd) faults.push(`meta event ${meta} of ${size.value} bytes passed over`);
      if (odd || (meta < 0x10 && size.value > LONGEST_TEXT)) passedOver.push(type);
      if (meta === END_OF_TRACK) return upTo(at, true);
      continue;
    }
    if (first >= 0xf0) return cut(event, `status ${first} has no place in a file`);
    if (first >= 0x80) {
      status = first;
      at++;
    } else if (status < 0) return cut(event, 'data before any status');
    const kind = status >> 4;
    at += kind === 0xc || kind === 0xd ? 1 : 2;
    if (at > data.length) return cut(event, 'an event is not whole');
  }
  faults.push('no end-of-track mark');
  return upTo(data.length, false);
};

/** A variable-length quantity of at most four bytes; null where there is none. */
const variable = (data: Uint8Array, from: number): { readonly value: number; readonly next: number } | null => {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = data[from + i];
    if (byte === undefined) return null;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  return null;
};
