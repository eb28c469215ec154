import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/training/corpus.ts';
import { fingerprint } from '../../src/training/floors.ts';
import { keyOf } from '../../src/core/rng.ts';
import { READER_VERSION } from '../../src/training/read-file.ts';
import { ENCODINGS } from '../../src/music/encodings.ts';
import { fixture } from '../fixtures/at.ts';

/** What readers make of the fixtures, by their version and the encoding's hash. Where that changes without either, stores of users would go stale unseen: raise the version. */
const READ: Readonly<Record<string, string>> = {
  '5 melody-2': '7ca224fb',
  '5 performance-2': 'b4bb6cac',
};

describe('readers', () => {
  it.each(['melody', 'performance'] as const)('of the same version read %s the same', (name) => {
    const { pieces } = readCorpus(name, ['folk', 'lieder', 'pop909'].map(fixture));
    expect(pieces).toHaveLength(29);
    const read = pieces.map((piece) => `${fingerprint(piece)} ${piece.line?.join(' ')} ${piece.about?.music}`).join('\n');
    const hash = keyOf(...Array.from(read, (letter) => letter.codePointAt(0) as number)).toString(16);
    expect(READ[`${READER_VERSION} ${ENCODINGS[name].hash}`]).toBe(hash);
  });
});
