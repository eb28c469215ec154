import type { Choice } from '../core/blind-test.ts';
import type { Ballot, Excerpt } from '../music/excerpt.ts';
import { Synth } from './synth.ts';

type Side = 'first' | 'second';
const SIDES = ['first', 'second'] as const;

/** Seconds that notes are handed to the synth ahead of their time, and how often that is looked after. */
const AHEAD = 0.3;
const EVERY = 0.1;
/** Seconds before the first note. */
const LEAD = 0.08;
/** A note is heard for at least this many seconds. */
const SHORTEST = 0.03;

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const choices = [...document.querySelectorAll<HTMLButtonElement>('[data-choice]')];

let synth: Synth | undefined;
let ballot: Ballot = { done: 0, of: 0, pair: null };
const heard = new Set<Side>();
let timer: ReturnType<typeof setInterval> | undefined;

const stop = (): void => {
  clearInterval(timer);
  synth?.silence();
  for (const side of SIDES) find(`play-${side}`).ariaPressed = 'false';
};

/** Both sides have one timbre and one level: only what is played tells them apart. */
const play = (side: Side, notes: Excerpt): void => {
  // Browsers let a page sound only after a gesture.
  synth ??= new Synth(new AudioContext());
  if (synth.context.state === 'suspended') void (synth.context as AudioContext).resume();
  stop();
  find(`play-${side}`).ariaPressed = 'true';
  heard.add(side);
  allow();
  const from = synth.context.currentTime + LEAD;
  const events = notes.flatMap(([start, length, pitch, velocity], i) => [{ at: start, key: `${side}:${i}`, pitch, velocity }, { at: start + Math.max(SHORTEST, length), key: `${side}:${i}`, pitch, velocity: 0 }]);
  // At one instant what ends comes first.
  events.sort((a, b) => a.at - b.at || a.velocity - b.velocity);
  let next = 0;
  const feed = (): void => {
    const until = (synth as Synth).context.currentTime + AHEAD - from;
    for (; next < events.length; next++) {
      const { at, key, pitch, velocity } = events[next] as (typeof events)[number];
      if (at > until) return;
      if (velocity > 0) synth?.strike(key, pitch, velocity, 'player', from + at);
      else synth?.release(key, from + at);
    }
    clearInterval(timer);
    find(`play-${side}`).ariaPressed = 'false';
  };
  timer = setInterval(feed, EVERY * 1000);
  feed();
};

const show = (next: Ballot): void => {
  ballot = next;
  stop();
  heard.clear();
  for (const button of choices) button.disabled = true;
  document.body.classList.toggle('done', ballot.pair === null);
  find('count').textContent = `${ballot.done} of ${ballot.of} pairs judged`;
  find('question').textContent = ballot.pair ? 'Which do you prefer?' : 'That was all. Thank you.';
  find('said').textContent = '';
};

const allow = (): void => {
  for (const button of choices) button.disabled = heard.size < SIDES.length;
};

const asked = async (answer: Promise<Response>): Promise<void> => {
  try {
    const response = await answer;
    if (response.ok) show((await response.json()) as Ballot);
    else {
      find('said').textContent = await response.text();
      allow();
    }
  } catch {
    allow();
    find('said').textContent = 'Antiphon does not answer: was it stopped? Start it again; no vote that was counted is lost.';
  }
};

const vote = (choice: Choice): void => {
  if (!ballot.pair) return;
  for (const button of choices) button.disabled = true;
  void asked(fetch('/vote', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ pair: ballot.pair.id, choice }) }));
};

for (const side of SIDES) find(`play-${side}`).addEventListener('click', () => ballot.pair && play(side, ballot.pair[side]));
for (const button of choices) button.addEventListener('click', () => vote(button.dataset['choice'] as Choice));
addEventListener('keydown', ({ key }) => {
  const side = SIDES[Number(key) - 1];
  if (side && ballot.pair) play(side, ballot.pair[side]);
});
addEventListener('keydown', (event) => {
  if (event.key !== ' ') return;
  event.preventDefault();
  stop();
});

void asked(fetch('/ballot.json'));
