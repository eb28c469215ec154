import { resolve } from 'node:path';
import type { Command } from 'commander';
import { blindPairs, preferredOf, tallyOf, type BlindPair, type Tally } from '../core/blind-test.ts';
import { AntiphonError, messageOf } from '../core/errors.ts';
import { excerptOf, type Ballot, type Excerpt } from '../music/excerpt.ts';
import { serveListening } from '../net/listen-door.ts';
import { portAddressFrom, type Address } from './address.ts';
import { projectFolder } from './models.ts';
import { readSong } from './song.ts';
import { midiFiles } from './song-folder.ts';
import { numberFrom, say } from './terminal.ts';
import { keepVote, readVotes, type Vote } from './votes.ts';

interface ListenCommandOptions {
  readonly http: Address;
  readonly votes: string;
  readonly listener: string;
  readonly pairs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly results?: true;
  readonly json?: true;
}

export const listenCommand = (program: Command): void => {
  program
    .command('listen')
    .description('judge two folders of music by ear, blind, and count which is preferred')
    .argument('<a>', 'folder of MIDI')
    .argument('<b>', 'folder of MIDI to set it against')
    .option('--http <port>', 'where the page is served: PORT on this machine alone, or HOST:PORT; 0 takes a free one', portAddressFrom('--http'), { host: '127.0.0.1', port: 7410 })
    .option('--votes <file>', 'JSON-lines file that every vote is added to; begun again it goes on where it stopped', 'votes.jsonl')
    .option('--listener <name>', 'who listens; each judges every pair once', 'one')
    .option('--pairs <n>', 'the most pairs', numberFrom(1), 20)
    .option('--seconds <n>', 'how much of each piece is heard', numberFrom(1, 600), 30)
    .option('--seed <n>', 'seed of the pairs and of which is heard first', numberFrom(0), 1)
    .option('--results', 'print what is preferred so far, and serve nothing')
    .option('--json', 'print the result as one object')
    .addHelpText('after', '\nExamples:\n  $ antiphon listen generated/ held-out/ --seconds 20\n  $ antiphon listen generated/ held-out/ --results --json\n')
    .action(run);
};

const run = async (a: string, b: string, options: ListenCommandOptions): Promise<void> => {
  const test = new ListeningTest(a, b, options);
  if (!options.results && test.ballot().pair) await serveTest(test, options);
  const tally = test.tally();
  process.stdout.write(options.json ? `${JSON.stringify(tally)}\n` : `${resultOf(tally)}\n`);
};

/** Serves until every pair is judged or the process is told to stop. */
const serveTest = async (test: ListeningTest, { http }: ListenCommandOptions): Promise<void> => {
  let end = (): void => {};
  const ended = new Promise<void>((done) => (end = done));
  const door = await serveListening({
    ...http,
    webRoot: projectFolder('dist/web'),
    ballot: () => test.ballot(),
    vote: (pair, choice) => {
      test.vote(pair, choice);
      const { done, of } = test.ballot();
      say(`${done} of ${of} pairs judged`);
      if (done === of) end();
    },
  });
  say(`listen at ${door.url}; Ctrl-C stops, and no vote is lost`);
  process.once('SIGINT', end).once('SIGTERM', end);
  await ended;
  process.off('SIGINT', end).off('SIGTERM', end);
  await door.close();
};

/** Pairs of two folders being judged by one listener; every vote is in the file before the next pair is given. */
export class ListeningTest {
  private readonly pairs: readonly BlindPair[];
  private readonly options: Pick<ListenCommandOptions, 'votes' | 'listener' | 'seconds'>;
  private votes: readonly Vote[];

  /** @throws AntiphonError `folder.place`, `folder.empty` */
  constructor(a: string, b: string, options: Pick<ListenCommandOptions, 'votes' | 'listener' | 'pairs' | 'seconds' | 'seed'>) {
    this.options = options;
    this.pairs = blindPairs(playable(midiFiles(resolve(a)), options.seconds), playable(midiFiles(resolve(b)), options.seconds), options.pairs, options.seed);
    const { votes, broken } = readVotes(options.votes);
    if (broken > 0) say(`${options.votes}: ${broken} lines that are no votes passed over`);
    const known = new Set(this.pairs.map(keyOfPair));
    this.votes = votes.filter((vote) => known.has(keyOfPair(vote)));
  }

  /** The pair to judge next; nothing in it tells the folders apart. */
  ballot(): Ballot {
    const open = this.open();
    const [pair] = open;
    const of = this.pairs.length;
    if (!pair) return { done: of, of, pair: null };
    const [a, b] = [this.excerpt(pair.a), this.excerpt(pair.b)];
    return { done: of - open.length, of, pair: { id: pair.id, first: pair.first === 'a' ? a : b, second: pair.first === 'a' ? b : a } };
  }

  /** @throws AntiphonError `vote.pair` where the pair was judged before or there is none of the number, `votes.write` */
  vote(id: number, choice: Parameters<typeof preferredOf>[1]): void {
    const pair = this.open().find((each) => each.id === id);
    if (!pair) throw new AntiphonError('vote.pair', 'No pair that is still to be judged', id, 'Load the page again for the next one.');
    const vote: Vote = { listener: this.options.listener, a: pair.a, b: pair.b, preferred: preferredOf(pair, choice), at: new Date().toISOString() };
    keepVote(this.options.votes, vote);
    this.votes = [...this.votes, vote];
  }

  /** Of all listeners. */
  tally(): Tally {
    return tallyOf(this.votes.map(({ preferred }) => preferred));
  }

  private open(): BlindPair[] {
    const judged = new Set(this.votes.filter(({ listener }) => listener === this.options.listener).map(keyOfPair));
    return this.pairs.filter((pair) => !judged.has(keyOfPair(pair)));
  }

  private excerpt(file: string): Excerpt {
    return excerptOf(readSong(file), this.options.seconds);
  }
}

const keyOfPair = ({ a, b }: Pick<BlindPair, 'a' | 'b'>): string => JSON.stringify([a, b]);

/** Files that can be read and have something to hear; the others are named with the reason. */
const playable = (files: readonly string[], seconds: number): string[] =>
  files.filter((file) => {
    try {
      if (excerptOf(readSong(file), seconds).length > 0) return true;
      say(`left out ${file}: no notes to hear`);
    } catch (thrown) {
      say(`left out ${file}: ${messageOf(thrown)}`);
    }
    return false;
  });

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const resultOf = ({ votes, a, b, same, preference: { share, low, high } }: Tally): string =>
  a + b === 0
    ? `${votes} votes, none for either`
    : `${votes} votes: A ${a}, B ${b}, no difference ${same}; A preferred in ${percent(share)} (95 % interval ${percent(low)} to ${percent(high)})${low > 0.5 || high < 0.5 ? '' : ': no preference is shown'}`;
