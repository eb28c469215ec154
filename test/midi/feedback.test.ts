import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { Feedback, HEARD } from '../../src/midi/feedback.ts';
import { doubling, isOn, judge, LIED, loop, POP, REEL, songOf } from './returning.ts';
import { bytesEach } from '../heap.ts';

describe('our own output that comes back', () => {
  for (const lag of [0, 3, 20, 60]) {
    it(`is found after seven notes at a lag of ${lag} ms, and from then on nothing of it is heard`, () => {
      for (const song of [POP, LIED, REEL]) {
        const { judged, loops } = judge(song, loop(song, lag, coins(lag)));
        expect(loops).toEqual([`found in 0 at ${lag}`]);
        const heard = judged.filter(({ heard: each }) => each !== HEARD.looped);
        expect(heard.filter(({ bytes }) => isOn(bytes)).length).toBe(7);
        expect(judged.slice(heard.length + 8).every(({ heard: each }) => each === HEARD.looped)).toBe(true);
        // All but two are doubted: none takes a turn.
        expect(heard.filter(({ bytes }) => isOn(bytes)).map(({ heard: each }) => each)).toEqual([HEARD.own, HEARD.own, ...Array.from({ length: 5 }, () => HEARD.doubtful)]);
      }
    });
  }

  it('is found through a program that passes it on with each block of its audio, if later', () => {
    for (const song of [POP, songOf('pop909/764/764.mid')]) {
      const { judged, loops } = judge(song, loop(song, 8, coins(12), undefined, 6));
      expect(loops).toEqual([expect.stringMatching(/^found in 0 at 1[012]$/)]);
      expect(judged.filter(({ heard, bytes }) => isOn(bytes) && heard !== HEARD.looped).length).toBeLessThan(60);
    }
  });

  it('is found on another channel, with its offs as strikes of velocity 0', () => {
    const back = loop(LIED, 20, coins(1), 4).map((each) => (isOn(each.bytes) ? each : { ...each, bytes: [0x94, each.bytes[1], 0] as const }));
    const { judged, loops } = judge(LIED, back);
    expect(loops.length).toBe(1);
    expect(judged.filter(({ heard }) => heard !== HEARD.looped).length).toBeLessThan(20);
  });

  it('is found where it was plugged in while notes were under way, and in one input of two', () => {
    const half = POP.length / 2;
    const back = loop(POP.slice(half), 20, coins(2)).map((each) => ({ ...each, source: 5 }));
    const { judged, loops } = judge(POP, [...back, ...doubling(REEL, 0, 0, coins(3))]);
    expect(loops).toEqual(['found in 5 at 20']);
    expect(judged.filter(({ source, heard }) => source === 0 && heard !== HEARD.own)).toEqual([]);
  });

  it('is heard again as a player once the cable is pulled', () => {
    const { loops, judged } = judge(POP, [...loop(POP.slice(0, 300), 20, coins(4)), ...doubling(POP.slice(400), 40, 10, coins(5))]);
    expect(loops).toEqual(['found in 0 at 20', 'lost in 0']);
    // The hands' notes of the moment in which the loss is noticed may be taken for it.
    expect(judged.filter(({ loop: each, heard }) => !each && heard === HEARD.looped).length).toBeLessThan(4);
  });

  it('is left out where it is late for its lag, once it is known', () => {
    const { judged } = judge(LIED, loop(LIED, 20, coins(11)).map((each, n) => ({ ...each, time: each.time + (n % 9 === 4 ? 60 : 0) })));
    const found = judged.findIndex(({ heard }) => heard === HEARD.looped);
    expect(judged.slice(found + 20).filter(({ heard }) => heard !== HEARD.looped)).toEqual([]);
  });

  it('that comes back too late to be told for what it is is heard, and so is its end: nothing is left sounding', () => {
    const back = loop(LIED, 20, coins(11)).map((each, n) => ({ ...each, time: each.time + (n % 9 === 4 ? 140 : 0) }));
    const { judged, loops } = judge(LIED, back);
    expect(loops).toEqual(['found in 0 at 20']);
    const down = new Map<number, number>();
    for (const { bytes, heard } of judged) if (heard !== HEARD.looped) down.set(bytes[1], isOn(bytes) ? (down.get(bytes[1]) ?? 0) + 1 : 0);
    // But for the seven before it was found, which whoever is told of it ends.
    expect([...down.values()].filter((count) => count > 0).length).toBeLessThanOrEqual(7);
    expect(judged.filter(({ bytes, heard }) => isOn(bytes) && heard !== HEARD.looped).length).toBeGreaterThan(50);
  });

  it('leaves a player alone who plays into it: so many notes are heard as were played', () => {
    const back = loop(POP, 20, coins(6));
    const tune = doubling(REEL, 500, 5, coins(7)).map((each) => ({ ...each, bytes: [each.bytes[0], each.bytes[1] + 12, each.bytes[2]] as const }));
    const { judged, loops } = judge(POP, [...back, ...tune]);
    expect(loops).toEqual(['found in 0 at 20']);
    expect(judged.filter(({ loop: each, heard, bytes }) => !each && isOn(bytes) && heard !== HEARD.own)).toEqual([]);
    expect(judged.filter(({ loop: each, heard, bytes }) => each && isOn(bytes) && heard !== HEARD.looped).length).toBe(7);
    // Whose end of a key is whose nobody can say: each that the player struck is heard to end.
    const down = new Set<number>();
    for (const { loop: each, heard, bytes } of judged) {
      if (isOn(bytes) && !each) down.add(bytes[1]);
      else if (!isOn(bytes) && heard !== HEARD.looped) down.delete(bytes[1]);
    }
    expect(down).toEqual(new Set());
  });

  it('leaves the end of a key that the player holds alone, though one of ours of that pitch is on its way', () => {
    const feedback = new Feedback(1, { found: () => {}, lost: () => {} });
    const heard = Array.from({ length: 12 }, (_, n) => {
      feedback.sent(0x90, 40 + n, 50 + n, ms(50 * n), -1);
      return feedback.judge(0, 0x90, 40 + n, 50 + n, ms(50 * n + 20));
    });
    expect(heard.at(-1)).toBe(HEARD.looped);
    expect(feedback.judge(0, 0x90, 67, 80, ms(1000))).toBe(HEARD.own);
    feedback.sent(0x90, 67, 80, ms(1000), 0);
    expect(feedback.judge(0, 0x90, 67, 80, ms(1020))).toBe(HEARD.looped);
    feedback.sent(0x81, 67, 64, ms(1060), -1);
    expect(feedback.judge(0, 0x80, 67, 64, ms(1060.1))).toBe(HEARD.own);
  });

  it('is over when its input is gone', () => {
    const lost: number[] = [];
    const feedback = new Feedback(2, { found: () => {}, lost: (source) => lost.push(source) });
    for (let n = 0; n < 12; n++) {
      feedback.sent(0x90, 40 + n, 50 + n, ms(50 * n), -1);
      feedback.judge(1, 0x90, 40 + n, 50 + n, ms(50 * n + 20));
    }
    feedback.forget(0);
    feedback.forget(1);
    expect(lost).toEqual([1]);
  });

  it('is told from a player who doubles it while it loops: each is heard once', () => {
    const hands = doubling(POP, 25, 12, coins(9));
    const { judged, loops } = judge(POP, [...loop(POP, 20, coins(8)), ...hands]);
    expect(loops[0]).toMatch(/found in 0/);
    expect(loops.length).toBe(1);
    const found = judged.findIndex(({ heard }) => heard === HEARD.looped);
    const after = judged.slice(found).filter(({ bytes }) => isOn(bytes));
    // Which of two like notes within ten milliseconds is whose nobody can say; how many there were, one can.
    const played = after.filter(({ loop: each }) => !each).length;
    expect(Math.abs(after.filter(({ heard }) => heard !== HEARD.looped).length - played)).toBeLessThanOrEqual(2);
  });
});

describe('a player who doubles us', () => {
  for (const [late, spread] of [[0, 10], [5, 10], [30, 10], [60, 15], [100, 25]] as const) {
    it(`${late} ms late with ${spread} ms of spread is always heard, as hard as we play or not`, () => {
      for (let seed = 0; seed < 12; seed++) {
        for (const song of [POP, LIED, REEL]) {
          const { judged, loops } = judge(song, doubling(song, late, spread, coins(keyOf(seed, late))));
          expect(loops).toEqual([]);
          expect(judged.filter(({ heard }) => heard === HEARD.looped)).toEqual([]);
        }
      }
    });
  }

  it('takes the turn back with nearly every key, all the same', () => {
    const { judged } = judge(POP, doubling(POP, 30, 10, coins(1)));
    const doubted = judged.filter(({ heard }) => heard === HEARD.doubtful).length;
    expect(doubted / judged.length).toBeLessThan(0.05);
  });
});

describe('a machine that repeats a note as steadily as a loop, and is forwarded', () => {
  /** Every message is forwarded unless it is withheld. */
  const forwarded = (period: number, count: number): { withheld: number; loops: string[] } => {
    const loops: string[] = [];
    const feedback = new Feedback(18, { found: () => loops.push('found'), lost: () => loops.push('lost') });
    let withheld = 0;
    for (let n = 0; n < count; n++) {
      for (const [time, status] of [[n * period, 0x99], [n * period + 30, 0x89]] as const) {
        if (feedback.judge(0, status, 42, 90, ms(time)) === HEARD.looped) withheld += status === 0x99 ? 1 : 0;
        else feedback.sent(status, 42, 90, ms(time), 0);
      }
    }
    return { withheld, loops };
  };

  it('loses a stroke, and is believed; then less and less often', () => {
    const { withheld, loops } = forwarded(115, 1000);
    expect(loops.slice(0, 2)).toEqual(['found', 'lost']);
    expect(withheld).toBeLessThan(7);
  });

  it('loses none at a pace that no loop has', () => {
    expect(forwarded(160, 1000)).toEqual({ withheld: 0, loops: [] });
  });
});

it('judges at no cost in memory', () => {
  const feedback = new Feedback(18, { found: () => {}, lost: () => {} });
  let n = 0;
  const act = (): void => {
    n++;
    feedback.sent(0x90, n & 127, 80, ms(n * 7), -1);
    feedback.judge(n % 18, 0x90, (n * 31) & 127, 80, ms(n * 7 + 3));
  };
  expect(bytesEach(64, act)).toBeLessThan(64);
});
