import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenCommand, ListeningTest } from '../../src/cli/listen.ts';
import { readSong } from '../../src/cli/song.ts';
import type { Vote } from '../../src/cli/votes.ts';
import type { Tally } from '../../src/core/blind-test.ts';
import { excerptOf, type Ballot } from '../../src/music/excerpt.ts';
import { serveListening, type ListenDoor } from '../../src/net/listen-door.ts';
import { fixture } from '../fixtures/at.ts';
import { codeOf } from '../fixtures/code-of.ts';
import { bundlePage } from '../web/bundle.ts';
import { CHROMIUM, hasChromium, launchChromium } from '../web/chromium.ts';
import { run } from './run.ts';

const home = mkdtempSync(join(tmpdir(), 'antiphon-listen-'));
const at = (...path: string[]): string => join(home, ...path);
const names = readdirSync(fixture('folk')).sort();

beforeAll(async () => {
  for (const folder of ['one', 'two', 'web']) mkdirSync(at(folder));
  names.slice(0, 8).forEach((name, i) => copyFileSync(fixture(`folk/${name}`), at(i % 2 === 0 ? 'one' : 'two', name)));
  writeFileSync(at('one', 'broken.mid'), 'no music');
  await bundlePage(at('web'));
});
afterAll(() => rmSync(home, { recursive: true }));

let files = 0;
const test = (votes = at(`votes-${files++}.jsonl`), listener = 'one') => ({ votes, test: new ListeningTest(at('one'), at('two'), { votes, listener, pairs: 20, seconds: 4, seed: 1 }) });
const linesOf = (file: string): Vote[] => readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Vote);
const serveTest = (of: ListeningTest): Promise<ListenDoor> => serveListening({ host: '127.0.0.1', port: 0, webRoot: at('web'), ballot: () => of.ballot(), vote: (pair, choice) => of.vote(pair, choice) });

describe('a listening test', () => {
  it('tells nothing of where a piece is from, and keeps each vote for the folder it was for', () => {
    const { votes, test: listening } = test();
    const choices = ['first', 'second', 'same', 'first'] as const;
    for (const [i, choice] of choices.entries()) {
      const ballot = listening.ballot();
      expect([ballot.done, ballot.of, ballot.pair?.id]).toEqual([i, 4, i]);
      const text = JSON.stringify(ballot);
      expect([...names, home].filter((name) => text.includes(name))).toEqual([]);
      listening.vote(i, choice);
      const last = linesOf(votes).at(-1) as Vote;
      // Which is which is told by what was heard.
      const heard = choice === 'same' ? [] : [ballot.pair?.[choice]];
      expect(heard).toEqual(last.preferred === 'same' ? [] : [excerptOf(readSong(last[last.preferred]), 4)]);
      expect([last.a.startsWith(at('one')), last.b.startsWith(at('two')), linesOf(votes).length]).toEqual([true, true, i + 1]);
    }
    expect(listening.ballot()).toEqual({ done: 4, of: 4, pair: null });
    expect(listening.tally()).toMatchObject({ votes: 4, same: 1 });
  });

  it('goes on after a stop, and after a line cut off in the middle', () => {
    const { votes, test: before } = test();
    before.vote(0, 'first');
    before.vote(1, 'second');
    appendFileSync(votes, '{"listener":"one","a":"cut o');
    const { test: after } = test(votes);
    expect([after.ballot().done, after.ballot().pair?.id, after.tally().votes]).toEqual([2, 2, 2]);
    after.vote(2, 'same');
    expect(test(votes).test.ballot()).toMatchObject({ done: 3, pair: { id: 3 } });
    expect(readFileSync(votes, 'utf8')).toMatch(/"cut o\n\{"listener":"one".*\}\n$/);
  });

  it('asks each listener for every pair, and counts them all', () => {
    const { votes, test: first } = test();
    first.vote(0, 'first');
    const { test: second } = test(votes, 'two');
    expect(second.ballot().done).toBe(0);
    second.vote(0, 'first');
    expect(second.tally().votes).toBe(2);
  });

  it('takes no vote twice, nor where it cannot keep it', () => {
    const { test: listening } = test();
    listening.vote(0, 'first');
    expect([codeOf(() => listening.vote(0, 'second')), codeOf(() => listening.vote(99, 'first'))]).toEqual(['vote.pair', 'vote.pair']);
    const { test: nowhere } = test(at('gone', 'votes.jsonl'));
    expect([codeOf(() => nowhere.vote(0, 'first')), nowhere.ballot().done]).toEqual(['votes.write', 0]);
  });
});

describe('the door of a listening test', () => {
  it('gives the page and the ballot, takes votes, and refuses what is none', async () => {
    const { votes, test: listening } = test();
    const door = await serveTest(listening);
    const get = async (path: string) => fetch(new URL(path, door.url));
    const post = async (body: string, headers: Record<string, string> = {}) => fetch(new URL('/vote', door.url), { method: 'POST', body, headers });
    try {
      expect(await (await get('/')).text()).toContain('Which do you prefer?');
      expect((await get('/listen.js')).headers.get('content-type')).toContain('javascript');
      expect(await (await get('/ballot.json')).json()).toEqual(listening.ballot());
      const next = (await (await post('{"pair": 0, "choice": "second"}')).json()) as Ballot;
      expect([next.done, next.pair?.id, linesOf(votes).length]).toEqual([1, 1, 1]);
      const bad = ['', 'null', '[]', '{"pair": 1}', '{"pair": 1.5, "choice": "first"}', '{"pair": 1, "choice": "a"}', '{"pair": 0, "choice": "first"}', `{"pair": 1, "choice": "first", "x": "${'x'.repeat(2000)}"}`];
      expect(await Promise.all(bad.map(async (body) => (await post(body)).status))).toEqual(bad.map(() => 400));
      expect([(await post('{"pair": 1, "choice": "first"}', { Origin: 'http://elsewhere.example' })).status, (await get('/vote')).status, (await get('/..%2fvotes.jsonl')).status, linesOf(votes).length]).toEqual([403, 405, 404, 1]);
    } finally {
      await door.close();
    }
  });
});

describe('antiphon listen', () => {
  it('serves until every pair is judged, names what it leaves out, and prints the preference', async () => {
    const votes = at('command.jsonl');
    const words = ['listen', at('one'), at('two'), '--votes', votes, '--http', '0', '--seconds', '2'];
    // Judged in full before: nothing is left to serve, and the result is printed.
    const judged = new ListeningTest(at('one'), at('two'), { votes, listener: 'one', pairs: 20, seconds: 2, seed: 1 });
    for (let pair = 0; pair < 4; pair++) judged.vote(pair, 'first');
    const { out, told } = await run(listenCommand, ...words);
    expect(told).toContain(`left out ${at('one', 'broken.mid')}: Not a MIDI file`);
    expect(out).toMatch(/^4 votes: A \d, B \d, no difference 0; A preferred in \d+ % \(95 % interval \d+ % to \d+ %\)(: no preference is shown)?\n$/);
    expect(JSON.parse((await run(listenCommand, ...words, '--results', '--json')).out) as Tally).toEqual(judged.tally());
  });
});

describe.skipIf(!hasChromium)(hasChromium ? 'the page of a listening test' : `the page of a listening test (skipped: there is no ${CHROMIUM})`, () => {
  it('plays both sides, then takes a choice, to the last pair', async () => {
    const { votes, test: listening } = test();
    const door = await serveTest(listening);
    const browser = await launchChromium();
    try {
      const { page } = browser;
      await page.goto(door.url);
      for (let pair = 0; pair < 4; pair++) {
        await page.getByText(`${pair} of 4 pairs judged`).waitFor();
        const choice = page.getByRole('button', { name: 'I prefer the second' });
        expect(await choice.isDisabled()).toBe(true);
        await page.getByRole('button', { name: 'First', exact: true }).click();
        expect([await page.locator('#play-first').getAttribute('aria-pressed'), await choice.isDisabled()]).toEqual(['true', true]);
        await page.keyboard.press('2');
        expect([await page.locator('#play-first').getAttribute('aria-pressed'), await page.locator('#play-second').getAttribute('aria-pressed')]).toEqual(['false', 'true']);
        await choice.click();
      }
      await page.getByText('That was all. Thank you.').waitFor();
      expect([linesOf(votes).length, listening.ballot().pair, browser.faults]).toEqual([4, null, []]);
    } finally {
      await browser.close();
      await door.close();
    }
  });
});
