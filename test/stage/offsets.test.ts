import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms, type Ms } from '../../src/core/units.ts';
import type { Ask } from '../../src/live/ask.ts';
import type { Patch } from '../../src/live/patch.ts';
import type { Planned } from '../../src/midi/scheduler.ts';
import { IN, OUT, pushCompletion } from '../../src/stage/records.ts';
import { Stage } from '../../src/stage/stage.ts';
import { CountingSynth } from '../midi/synth.ts';
import { harmonyOf, noteOf, endOf, patchOf, Playing, record } from './playing.ts';

const STRINGS = -40;
const DRUMS = 25;
const OFFSETS = [0, STRINGS, DRUMS];
const OUTPUTS = [{ port: '*' }, { port: 'Strings', offset: STRINGS }, { port: 'Drums', offset: DRUMS }];
const THRU = [{ port: '*', thru: true }];

/** What is sent at each offset, in words, and when: `960 -40 90 64`. */
const sentBy = (playing: Playing, act: () => void): string[] => {
  const found: string[] = [];
  const { push } = playing.sent;
  playing.sent.push = (...each) => {
    for (const [status, a, , offset] of each) found.push(`${playing.now} ${offset ?? 0} ${(status as number).toString(16)} ${a}`);
    return push.apply(playing.sent, each);
  };
  act();
  playing.sent.push = push;
  return found;
};

/** The player has rested for so long that an answer is asked for. */
const asked = (): { playing: Playing; plan: number; from: number } => {
  const playing = new Playing(patchOf(['respond'], { silence: 400 }, { inputs: THRU, outputs: OUTPUTS }));
  playing.key(60, 100).wait(200);
  const { plan, from } = playing.asked('grow');
  return { playing, plan, from };
};

describe('outputs with offsets', () => {
  it('get an answer before and after its time, each note as long as it is, and clients are told at the time itself', () => {
    const { playing, plan, from } = asked();
    playing.complete(...noteOf(plan, 0, 64, from, 90), ...noteOf(plan, 1, 67, from + 200, 90), endOf(plan, from + 300));
    const at = (offset: number): string[] => [`${from + offset} ${offset} 91 64`, `${from + 90 + offset} ${offset} 81 64`, `${from + 200 + offset} ${offset} 91 67`, `${from + 290 + offset} ${offset} 81 67`];
    const sent = sentBy(playing, () => playing.wait(1000));
    for (const offset of OFFSETS) expect(sent.filter((line) => line.split(' ')[1] === String(offset))).toEqual(at(offset));
    expect(sent.length).toBe(12);
    expect(playing.heard()).toEqual([`${from} respond on 64 v70`, `${from + 90} respond off 64`, `${from + 200} respond on 67 v70`, `${from + 290} respond off 67`]);
    expect(playing.stage.latencies.schedule.max).toBe(0);
    expect(playing.stage.latencies.schedule.count).toBe(6);
  });

  it('hear nothing of a note taken back that they had not come to; where it sounds it ends at once', () => {
    const { playing, plan, from } = asked();
    playing.complete(...noteOf(plan, 0, 64, from, 90), endOf(plan, from + 300)).wait(from - 10 - playing.now);
    const sent = sentBy(playing, () => playing.on(72).wait(1000));
    expect(sent).toEqual([`${from - 10} 0 90 72`, `${from - 10} ${STRINGS} 90 72`, `${from - 10} ${DRUMS} 90 72`, `${from - 10} ${STRINGS} 81 64`]);
    expect(playing.heard()).toEqual([]);
    expect(playing.stage.counters.takenBack).toBe(1);
  });

  it('get what passes through, harmony, and pedals at once', () => {
    const playing = new Playing(patchOf(['harmonise'], { voices: 1 }, { inputs: THRU, outputs: OUTPUTS }));
    const sent = sentBy(playing, () => {
      playing.on(60).complete(...harmonyOf(playing.asked('harmony').plan, 55));
      playing.control(64, 127).wait(50).off(60).control(64, 0).wait(500);
    });
    const everywhere = (what: string): string[] => OFFSETS.map((offset) => what.replace('@', String(offset)));
    expect(sent).toEqual(['0 @ 90 60', '0 @ 91 55', '0 @ b0 40', '50 @ 80 60', '50 @ b0 40', '50 @ 81 55'].map((what) => what.replace(' b0 40', ' b0 64')).flatMap(everywhere));
  });

  it('get a note that is known too late for a lead as soon as it is known, and in full', () => {
    const { playing, plan, from } = asked();
    playing.wait(from - 15 - playing.now);
    const sent = sentBy(playing, () => playing.complete(...noteOf(plan, 0, 64, from, 90), endOf(plan, from + 300)).wait(1000));
    expect(sent.filter((line) => line.includes(` ${STRINGS} `))).toEqual([`${from - 15} ${STRINGS} 91 64`, `${from + 75} ${STRINGS} 81 64`]);
    expect(playing.stage.latencies.schedule.max).toBe(0);
  });

  it('are played by none of it but their own once another patch gives them another, or panic is called', () => {
    const early = patchOf(['respond'], { silence: 400 }, { outputs: OUTPUTS });
    for (const end of [[IN.patch, 1], [IN.panic], [IN.stop]]) {
      const playing = new Playing([early, patchOf(['respond'])]);
      playing.key(60, 100).wait(200);
      const { plan, from } = playing.asked('grow');
      playing.complete(...noteOf(plan, 0, 64, from, 90), endOf(plan, from + 300)).wait(from - 20 - playing.now);
      const sent = sentBy(playing, () => playing.take(...end).wait(1000));
      expect(sent.filter((line) => !/ b1 12[03]$/.test(line))).toEqual([`${from - 20} ${STRINGS} 81 64`]);
    }
  });

  it('are silenced by a panic on every channel that we played on, whichever of them it was on', () => {
    const playing = new Playing([patchOf([], {}, { inputs: THRU, outputs: OUTPUTS }), patchOf([], {}, { inputs: THRU })]);
    playing.on(60, 80, 3).off(60, 3).take(IN.patch, 1);
    const modes = (offset: number): string[] => [`0 ${offset} b2 123`, `0 ${offset} b2 120`];
    expect(sentBy(playing, () => playing.take(IN.panic))).toEqual(modes(0));
    playing.take(IN.patch, 0);
    expect(sentBy(playing, () => playing.on(60, 80, 3).take(IN.panic)).slice(3)).toEqual(OFFSETS.flatMap((offset) => [`0 ${offset} 82 60`, ...modes(offset)]));
  });

  it('that are gone are told on their return what has ended, also when a patch has moved them', () => {
    const early = patchOf(['respond'], { silence: 400 }, { outputs: OUTPUTS });
    const playing = new Playing([early, patchOf(['respond'])]);
    playing.key(60, 100).wait(200);
    const { plan, from } = playing.asked('grow');
    playing.complete(...noteOf(plan, 0, 64, from, 900), endOf(plan, from + 900)).wait(from - 20 - playing.now);
    playing.take(IN.outputLost);
    const sent = sentBy(playing, () => playing.take(IN.patch, 1));
    expect(sent).toEqual([`${from - 20} ${STRINGS} 81 64`]);
    expect(sentBy(playing, () => playing.take(IN.outputBack))).toEqual([]);
  });

  it('are heard when they loop, each in its own time', () => {
    for (const [i, offset] of OFFSETS.entries()) {
      const playing = new Playing(patchOf(['drum'], {}, { clock: { source: 'internal', bpm: 120 }, outputs: OUTPUTS }));
      playing.take(IN.patch, 0);
      const { plan, from, until: over } = playing.wait(1).asked('grow');
      for (let n = 0; n < 16; n++) playing.complete(...noteOf(plan, n, 36 + n, from + ((over - from) * n) / 16, 40, 50 + n));
      playing.complete(endOf(plan, over));
      const back: [number, number, number, number][] = [];
      const { push } = playing.sent;
      playing.sent.push = (...each) => {
        for (const [status, a, b, at] of each) if ((at ?? 0) === offset) back.push([playing.now + 7, status as number, a as number, b as number]);
        return push.apply(playing.sent, each);
      };
      const until = over + 200;
      for (let next = back[0]; playing.now < until; next = back[0]) {
        const time = Math.min(next?.[0] ?? until, playing.stage.next(), until);
        playing.wait(time - playing.now);
        if (!next || next[0] > playing.now) continue;
        back.shift();
        playing.midi(next[1], next[2], next[3], 1);
      }
      expect([i, playing.told.filter(([code, source]) => code === OUT.loop && source === 1).length]).toEqual([i, 1]);
      expect(playing.stage.counters.looped).toBeGreaterThan(2);
    }
  });
});

type Deed =
  | { readonly kind: 'key'; readonly key: number; readonly hold: number; readonly gap: number }
  | { readonly kind: 'rest'; readonly time: number }
  | { readonly kind: 'end'; readonly code: number; readonly arg: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('key' as const), key: fc.integer({ min: 60, max: 64 }), hold: fc.integer({ min: 5, max: 300 }), gap: fc.integer({ min: 0, max: 200 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('rest' as const), time: fc.integer({ min: 100, max: 1500 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Deed>({ kind: 'end', code: IN.panic, arg: 0 }, { kind: 'end', code: IN.stop, arg: 0 }, { kind: 'end', code: IN.patch, arg: 1 }, { kind: 'end', code: IN.patch, arg: 0 }, { kind: 'end', code: IN.outputLost, arg: 0 }) },
);

const PATCHES: readonly Patch[] = [
  patchOf(['respond', 'continue', 'harmonise'], { silence: 150, voices: 1 }, { inputs: THRU, outputs: OUTPUTS }),
  patchOf(['respond', 'harmonise'], { silence: 150, voices: 1 }, { inputs: THRU, outputs: [{ port: '*' }, { port: 'Strings', offset: -90 }] }),
];

/** What became of one planned note on each line, by offset. */
interface Fate {
  readonly note: Planned;
  readonly on: Map<number, number>;
  readonly off: Map<number, number>;
  withdrawn: number;
  end: number;
}

interface Evening {
  readonly synth: CountingSynth;
  readonly fates: readonly Fate[];
  readonly stage: Stage;
  readonly log: readonly (readonly number[])[];
  readonly out: readonly (readonly number[])[];
}

/** Plays at random for an evening; a model that answers within 150 ms, or at once. */
const evening = (deeds: readonly Deed[], seed: number): Evening => {
  const coin = coins(keyOf(seed, 0x0ff5e7));
  const synth = new CountingSynth();
  const fates = new Map<number, Fate>();
  const log: number[][] = [];
  const out: number[][] = [];
  const replies: { at: number; numbers: number[] }[] = [];
  let now = ms(0);
  const reply = (at: number, ...completions: readonly Parameters<typeof pushCompletion>[1][]): void => {
    for (const completion of completions) pushCompletion((...numbers) => replies.push({ at, numbers: numbers as number[] }) > 0, completion);
    replies.sort((a, b) => a.at - b.at);
  };
  const ask = (each: Ask): void => {
    const at = now + (coin() < 0.5 ? 0 : coin() * 150);
    if (each.kind === 'harmony') reply(at, ...harmonyOf(each.plan, 40 + Math.floor(coin() * 5)));
    if (each.kind !== 'grow') return;
    let index = 0;
    for (let time: number = each.from; time < each.until; time += 20 + coin() * 150) reply(at, ...noteOf(each.plan, index++, 60 + Math.floor(coin() * 5), time, 20 + coin() * 200));
    reply(at, endOf(each.plan, each.until));
  };
  const send = (status: number, a: number, b: number, offset: Ms = ms(0)): void => {
    out.push([now, offset, status, a, b]);
    synth.send(offset + 100, status, a, b);
  };
  const stage = new Stage(PATCHES, { send, ask, tell: (...numbers) => out.push(numbers as number[]) > 0 }, now);
  const watched = new Set<object>();
  const watch = (offsets: readonly number[]): void => {
    for (const [i, { ledger }] of stage.lines.playing.entries()) {
      if (watched.has(ledger)) continue;
      watched.add(ledger);
      const offset = offsets[i] as number;
      const { strike } = ledger;
      ledger.strike = (owner, ...rest) => {
        fates.get(owner)?.on.set(offset, now);
        return strike.call(ledger, owner, ...rest);
      };
      ledger.onEnd((owner) => fates.get(owner)?.off.set(offset, now));
    }
  };
  watch(OFFSETS);
  const { plan, withdraw, endAt } = stage.lines;
  stage.lines.plan = (note) => {
    fates.set(note.id, { note, on: new Map(), off: new Map(), withdrawn: Infinity, end: note.wanted + note.duration });
    plan.call(stage.lines, note);
  };
  stage.lines.endAt = (id, at, when) => {
    const fate = fates.get(id);
    // The shortest that a note sounds, where its end comes before it begins.
    if (fate) fate.end = Math.max(at, fate.note.wanted + 10);
    endAt.call(stage.lines, id, at, when);
  };
  const gone = (id: number): void => {
    const fate = fates.get(id);
    if (fate) fate.withdrawn = Math.min(fate.withdrawn, now);
  };
  stage.lines.withdraw = (id, at) => {
    gone(id);
    return withdraw.call(stage.lines, id, at);
  };
  const take = (...numbers: number[]): void => {
    log.push([...record(...numbers).slice(0, 7), now]);
    if ([IN.panic, IN.stop, IN.patch].includes(numbers[0] as never)) for (const id of fates.keys()) gone(id);
    stage.take(record(...numbers), now);
    if (numbers[0] === IN.patch) watch(numbers[1] === 1 ? [0, -90] : OFFSETS);
  };
  const wait = (time: number): void => {
    const until = now + time;
    for (;;) {
      const next = Math.min(stage.next(), replies[0]?.at ?? Infinity);
      if (!(next <= until)) break;
      now = ms(Math.max(now, next));
      const due = replies[0];
      if (due && due.at <= now) take(...(replies.shift() as typeof due).numbers);
      else take(IN.wake);
    }
    now = ms(until);
  };
  for (const each of deeds) {
    if (each.kind === 'rest') wait(each.time);
    else if (each.kind === 'key') {
      take(IN.midi, 0x90, each.key, 80, now, 0, 0);
      wait(each.hold);
      take(IN.midi, 0x80, each.key, 0, now, 0, 0);
      wait(each.gap);
    } else {
      take(each.code, each.arg);
      wait(30);
      take(each.code === IN.outputLost ? IN.outputBack : IN.play);
    }
  }
  wait(300);
  take(IN.stop);
  wait(300);
  return { synth, fates: [...fates.values()], stage, log, out };
};

describe('over random playing', () => {
  it('each line plays each note in its own time and length, or not at all once it is taken back; nothing is left sounding', { timeout: 120_000 }, () => {
    const seen = { early: 0, hurried: 0, unheard: 0, cut: 0 };
    fc.assert(
      fc.property(fc.array(deed, { minLength: 5, maxLength: 40 }), fc.nat(1e6), (deeds, seed) => {
        const { synth, fates, stage } = evening(deeds, seed);
        for (const { note, on, off, withdrawn, end } of fates) {
          const { wanted, known, atOnce } = note;
          for (const [offset, at] of on) {
            const lead = Math.max(offset, Math.min(0, (known as number) - wanted));
            const due = wanted + (atOnce ? 0 : offset < 0 ? lead : offset);
            if (atOnce) expect(at).toBe(on.get(0));
            else if (known as number <= wanted) expect(at).toBeCloseTo(due, 9);
            if (!atOnce && (known as number) <= wanted + offset) expect(at).toBe(wanted + offset);
            expect(at).toBeLessThanOrEqual(withdrawn);
            expect(off.get(offset)).toBeGreaterThanOrEqual(at);
            expect(off.get(offset)).toBeLessThanOrEqual(Math.max(withdrawn, at));
            if (!atOnce && withdrawn > (off.get(offset) as number) && known as number <= wanted) expect((off.get(offset) as number) - due).toBeCloseTo(end - wanted, 9);
            if (due < wanted && due === wanted + offset) seen.early++;
            else if (due < wanted) seen.hurried++;
            if (!on.has(0) && offset < 0) seen.cut++;
          }
          if (on.has(STRINGS) && !on.has(DRUMS)) seen.unheard++;
        }
        expect([synth.sounding, synth.pedalsDown, synth.needless, stage.lines.sounding(), stage.scheduler.waiting]).toEqual([0, 0, 0, 0, 0]);
      }),
      { numRuns: 150, seed: 8 },
    );
    // The evenings were rich enough to mean something.
    expect(Object.entries(seen).filter(([, count]) => count < 50)).toEqual([]);
  });

  it('the log plays again to the same notes at each offset, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(deed, { minLength: 5, maxLength: 25 }), fc.nat(1e6), (deeds, seed) => {
        const { log, out } = evening(deeds, seed);
        const again: number[][] = [];
        let now = 0;
        const stage = new Stage(PATCHES, { send: (status, a, b, offset = ms(0)) => again.push([now, offset, status, a, b]), ask: () => {}, tell: (...numbers) => again.push(numbers as number[]) > 0 }, ms(0));
        for (const each of log) {
          now = each.at(-1) as number;
          stage.take(Float64Array.from(each), ms(now));
        }
        expect(again).toEqual(out);
      }),
      { numRuns: 30, seed: 9 },
    );
  });
});
