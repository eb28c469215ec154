/** Bytes in one record to the guard: a code, three bytes, and from byte 8 a double. */
export const GUARD_RECORD = 16;

/** What a record says; a code from 128 on is the status byte of a MIDI message that is about to be sent. */
export const TO_GUARD = {
  /** role, pitch, channel, id: clients are told of a note */
  began: 1,
  /** -, -, -, id */
  ended: 2,
  /** What follows, up to the next beat, is all that sounds. */
  afresh: 3,
  /** The stage is alive. */
  beat: 4,
  /** Everything was ended in good order. */
  bye: 5,
} as const;

/** Records that a pipe takes whole or not at all (POSIX: PIPE_BUF is 512 bytes or more, 4096 on Linux). */
export const ATOMIC = 512 / GUARD_RECORD;

/** Writes record number `at`. Realtime-safe: yes. */
export const writeGuardRecord = (view: DataView, at: number, code: number, a = 0, b = 0, c = 0, id = 0): void => {
  const from = at * GUARD_RECORD;
  view.setUint8(from, code);
  view.setUint8(from + 1, a);
  view.setUint8(from + 2, b);
  view.setUint8(from + 3, c);
  view.setFloat64(from + 8, id, true);
};

/** Takes a record's parts. */
export type TakeRecord = (code: number, a: number, b: number, c: number, id: number) => void;

/** Cuts bytes that come in any pieces into records. */
export const guardRecords = (take: TakeRecord): ((bytes: Uint8Array) => void) => {
  const record = new Uint8Array(GUARD_RECORD);
  const view = new DataView(record.buffer);
  let filled = 0;
  return (bytes) => {
    for (let from = 0; from < bytes.length; ) {
      const part = bytes.subarray(from, from + GUARD_RECORD - filled);
      record.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < GUARD_RECORD) return;
      filled = 0;
      take(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3), view.getFloat64(8, true));
    }
  };
};
