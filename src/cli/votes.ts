import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { AntiphonError } from '../core/errors.ts';
import type { Preferred } from '../core/blind-test.ts';
import { reasonOf } from './song.ts';

/** One vote, a line of the file: two pieces by their files' names, and which was preferred. */
export interface Vote {
  readonly listener: string;
  readonly a: string;
  readonly b: string;
  readonly preferred: Preferred;
  /** When, as ISO 8601. */
  readonly at: string;
}

const isVote = (value: unknown): value is Vote => {
  const { listener, a, b, preferred } = (value ?? {}) as Partial<Record<keyof Vote, unknown>>;
  return [listener, a, b].every((each) => typeof each === 'string') && ['a', 'b', 'same'].includes(preferred as string);
};

/** The votes of a JSON-lines file, none where there is no file; lines that are no votes, such as one cut off by a crash, are counted. */
export const readVotes = (file: string): { readonly votes: Vote[]; readonly broken: number } => {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '') : [];
  const votes = lines.flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isVote(value) ? [value] : [];
    } catch {
      return [];
    }
  });
  return { votes, broken: lines.length - votes.length };
};

/** Adds a vote and waits until the disk has it. @throws AntiphonError `votes.write` */
export const keepVote = (file: string, vote: Vote): void => {
  try {
    const cutOff = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8'));
    const place = openSync(file, 'a');
    try {
      appendFileSync(place, `${cutOff ? '\n' : ''}${JSON.stringify(vote)}\n`);
      fsyncSync(place);
    } finally {
      closeSync(place);
    }
  } catch (thrown) {
    throw new AntiphonError('votes.write', `Cannot keep the vote (${reasonOf(thrown)})`, file, 'Give a file that can be written with --votes.');
  }
};
