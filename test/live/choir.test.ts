import { describe, expect, it } from 'vitest';
import { coins, keyOf } from '../../src/core/rng.ts';
import { ms, pitch, type Pitch } from '../../src/core/units.ts';
import { Choir } from '../../src/live/choir.ts';
import { initialParams, type ParamValues } from '../../src/live/params.ts';
import { consonant } from '../../src/music/consonance.ts';
import { FRAME, HARMONY } from '../../src/music/harmony.ts';
import { inScale } from '../../src/music/scale.ts';
import { randomModel, Scripted, type Script } from './scripted.ts';

const { hold, on, start } = HARMONY;
/** What the choir is told of a wait of `steps` that ends at `place`, and of a key struck. */
const wait = (steps: number, place: number): number => (steps - 1) * 16 + place;
const struck = (key: number): number => 2 * key;

const choirOf = async (script: Script): Promise<{ model: Scripted; choir: Choir; sing: (key: number, time: number, voices?: number, params?: Partial<ParamValues>) => Promise<Pitch[]> }> => {
  const model = new Scripted('harmony', script);
  const choir = new Choir(model, 1);
  await choir.open();
  let plan = 0;
  // The likeliest symbol, in C: the scale lock says so.
  const sing = async (key: number, time: number, voices = 3, params: Partial<ParamValues> = {}): Promise<Pitch[]> =>
    choir.harmonise({ plan: ++plan, role: 3, pitch: pitch(key), voices, time: ms(time) }, { ...initialParams(), scale: 1, topK: 1, ...params }, { bpm: 120, phase: ms(0) });
  return { model, choir, sing };
};
const idle = async (choir: Choir): Promise<void> => {
  while ((await choir.feed()) || (await choir.retell()));
};

describe('the choir', () => {
  it('sings under the key struck what each head says, told the voices over it', async () => {
    const asked: (readonly number[])[] = [];
    const { choir, sing, model } = await choirOf((part, given) => {
      asked.push([part, ...given]);
      return { [on + ([0, 0, 67, 64, 48][part] as number)]: 9 };
    });
    expect(await sing(72, 0)).toEqual([67, 64, 48]);
    expect(asked).toEqual([
      [2, wait(1, 0), struck(72), -1, -1, -1],
      [3, wait(1, 0), struck(72), struck(67), -1, -1],
      [4, wait(1, 0), struck(72), struck(67), struck(64), -1],
    ]);
    // No step of the stack was needed to answer; now what sounded is heard.
    expect(model.batches.map(([request]) => request?.kind)).toEqual(['feed', 'query', 'query', 'query']);
    await idle(choir);
    expect(model.batches.at(-1)).toMatchObject([{ kind: 'feed', event: [0, on + 72, on + 67, on + 64, on + 48, 72, 67, 64, 48, 0] }]);
  });

  it('goes in parallel fifths and octaves only where the model insists', async () => {
    // A fifth under 72, then under 74 a fifth again, or a sixth, by four nats less and a bit, or a bit more.
    const alto = async (before: number, again: number, other: number, less: number): Promise<Pitch[]> => {
      const { choir, sing } = await choirOf((_, given): Record<number, number> => (given[FRAME.wait] === wait(1, 0) ? { [on + before]: 9 } : { [on + again]: 9, [on + other]: 9 - less }));
      await sing(72, 0, 1);
      await idle(choir);
      return sing(74, 500, 1);
    };
    expect([await alto(65, 67, 65, 3.9), await alto(65, 67, 65, 4.1)]).toEqual([[65], [67]]);
    expect([await alto(60, 62, 59, 3.9), await alto(60, 62, 59, 4.1)]).toEqual([[59], [62]]);
    // A sixth to a fifth is none.
    expect(await alto(64, 67, 65, 0.1)).toEqual([67]);
  });

  it('keeps fourths from over the lowest note, whoever sounds it, where the model does not insist', async () => {
    const sung = async (key: number, voices: number, fourth: number, other: number, less: number, params: Partial<ParamValues> = {}): Promise<Pitch | undefined> => {
      const { sing } = await choirOf(() => ({ [on + fourth]: 9, [on + other]: 9 - less }));
      return (await sing(key, 0, voices, params))[0];
    };
    expect([await sung(72, 1, 67, 64, 2.9), await sung(72, 1, 67, 64, 3.1)]).toEqual([64, 67]);
    // With more to come under it, it is not the lowest.
    expect(await sung(72, 2, 67, 64, 2.9)).toBe(67);
    expect([await sung(48, 1, 53, 52, 2.9, { above: 1 }), await sung(48, 1, 53, 52, 3.1, { above: 1 })]).toEqual([52, 53]);
  });

  it('sings dissonances as `colour` weighs what the model says, a semitone twice, and none with one voice', async () => {
    // E as the first voice under C, then a sixth or what is dissonant, for which the model has `more` nats.
    const second = async (dissonant: number, more: number, params: Partial<ParamValues> = {}, voices = 2): Promise<Pitch[]> => {
      const { sing } = await choirOf((part): Record<number, number> => (part === FRAME.voice + 1 && voices > 1 ? { [on + 64]: 9 } : { [on + dissonant]: 9, [on + 57]: 9 - more }));
      return sing(72, 0, voices, { scale: 0, voices, ...params });
    };
    const half = -Math.log(0.5);
    // D is a second from C and from E.
    expect([await second(62, 2 * half + 0.1, { colour: 0.5 }), await second(62, 2 * half - 0.1, { colour: 0.5 })]).toEqual([[64, 62], [64, 57]]);
    // F is a semitone from E.
    expect([await second(53, 2 * half + 0.1, { colour: 0.5 }), await second(53, 2 * half - 0.1, { colour: 0.5 })]).toEqual([[64, 53], [64, 57]]);
    expect([await second(62, 0.1, { colour: 1 }), await second(62, 8, { colour: 0 })]).toEqual([[64, 62], [64, 57]]);
    expect(await second(62, 8, { colour: 1 }, 1)).toEqual([57]);
  });

  it('leaves no dissonance to stand by itself where the range has no room for its chord', async () => {
    // Under B the model wants F, a tritone, and D with it.
    const sung = async (low: number, high: number): Promise<Pitch[]> => (await choirOf((part) => ({ [on + 65]: 9, [on + 62]: part === 2 ? 5 : 9 }))).sing(71, 0, 2, { colour: 1, low, high });
    expect([await sung(62, 65), await sung(65, 65), await sung(62, 62)]).toEqual([[65, 62], [], [62]]);
  });

  it('knows how long ago the last key was, on the beat it is told', async () => {
    const asked: (readonly number[])[] = [];
    const { choir, sing } = await choirOf((part, given) => {
      asked.push([part, ...given]);
      return { [part === 2 ? on + 67 : hold]: 9 };
    });
    await sing(72, 0, 1);
    await idle(choir);
    // Six 16ths of 125 ms later, rushed by 40 ms; then two bars later, which is told as one.
    await sing(71, 710, 1);
    await idle(choir);
    await sing(72, 710 + 4000, 1);
    expect(asked.filter(([part]) => part === 2).map(([, waited]) => waited)).toEqual([wait(1, 0), wait(6, 6), wait(16, 6)]);
  });

  it('imagines the voices that are not to sound, once it has answered', async () => {
    const { choir, sing, model } = await choirOf((part) => ({ [on + ([0, 0, 67, 65, 47][part] as number)]: 9 }));
    expect(await sing(72, 0, 1)).toEqual([67]);
    expect(model.batches.length).toBe(2);
    await idle(choir);
    // No chord that the stage would let sound, but the model's own.
    expect(model.batches.slice(2).map(([request]) => request?.kind)).toEqual(['query', 'query', 'feed']);
    expect(model.batches.at(-1)).toMatchObject([{ event: [0, on + 72, on + 67, on + 65, on + 47, 72, 67, 65, 47, 0] }]);
  });

  it('answers what holds with the key that was held', async () => {
    const { choir, sing } = await choirOf((part, given) => (given[FRAME.wait] === wait(1, 0) ? { [on + ([0, 0, 67, 64, 48][part] as number)]: 9 } : { [hold]: 9 }));
    await sing(72, 0);
    await idle(choir);
    expect(await sing(72, 500)).toEqual([67, 64, 48]);
  });

  it('harmonises the keys of a chord each by itself, and goes on from its outermost', async () => {
    const under = new Map([[69, 65], [72, 69], [64, 60]]);
    const { choir, sing, model } = await choirOf((_, given) => ({ [on + (under.get((given[FRAME.voice] as number) / 2) as number)]: 9 }));
    expect(await sing(69, 1000, 1)).toEqual([65]);
    expect(await sing(72, 1020, 1)).toEqual([69]);
    expect(await sing(64, 1030, 1)).toEqual([60]);
    await idle(choir);
    expect(model.batches.flatMap(([request]) => (request?.kind === 'feed' ? [request.event.slice(0, 3)] : []))).toEqual([[16, start, start], [0, on + 72, on + 69]]);
  });

  it('forgets what it sang to a key that it came too late for', async () => {
    const { choir, sing, model } = await choirOf((part) => ({ [on + ([0, 0, 67, 64, 48][part] as number)]: 9 }));
    await sing(72, 0);
    await idle(choir);
    choir.takeBack(1);
    await sing(72, 500);
    choir.takeBack(1);
    await idle(choir);
    const heard = model.batches.flatMap(([request]) => (request?.kind === 'feed' ? [request.event.slice(1, 5)] : []));
    expect(heard.slice(1)).toEqual([[on + 72, on + 67, on + 64, on + 48], [on + 72, hold, hold, hold], [on + 72, on + 67, on + 64, on + 48]]);
  });

  it('sings over a bass', async () => {
    const asked: (readonly number[])[] = [];
    const { sing } = await choirOf((part, given) => {
      asked.push([part, ...given]);
      return { [on + ([0, 64, 60, 55][part] as number)]: 9 };
    });
    expect(await sing(48, 0, 3, { above: 1 })).toEqual([55, 60, 64]);
    expect(asked.at(-1)).toEqual([1, wait(1, 0), -1, struck(60), struck(55), struck(48)]);
  });

  it('moves the music to C major or A minor for the model, and its answers back', async () => {
    const asked: (readonly number[])[] = [];
    const { sing, choir, model } = await choirOf((part, given) => {
      asked.push([part, ...given]);
      return { [on + ([0, 0, 67, 64, 48][part] as number)]: 9 };
    });
    // E flat major lies three over C.
    expect(await sing(75, 0, 3, { root: 3 })).toEqual([70, 67, 51]);
    expect(asked.at(-1)).toEqual([4, wait(1, 0), struck(72), struck(67), struck(64), -1]);
    await idle(choir);
    expect(model.batches.at(-1)).toMatchObject([{ event: [0, on + 72, on + 67, on + 64, on + 48, 72, 67, 64, 48, 0] }]);
  });

  it('tells another state the past where the key changes, and goes on with that', async () => {
    const { sing, choir, model } = await choirOf((part) => ({ [on + ([0, 0, 67, 64, 48][part] as number)]: 9 }));
    for (const [i, key] of [72, 74, 76].entries()) {
      await sing(key, 500 * i);
      await idle(choir);
    }
    expect(choir.moved).toBe(0);
    const before = model.batches.length;
    await sing(74, 1500, 3, { root: 2 }); // D major: two down
    await idle(choir);
    expect(choir.moved).toBe(-2);
    const fed = model.batches.slice(before).flatMap(([request]) => (request?.kind === 'feed' ? [request.event[1]] : []));
    // What sounded in the old key, then the start and the past two lower, then what sounded again.
    expect(fed).toEqual([on + 74, start, on + 70, on + 72, on + 74, on + 72]);
  });

  it('sings only what scale and range allow, consonant with all, on its side', async () => {
    const choir = new Choir(randomModel('harmony', 4), 1);
    await choir.open();
    const coin = coins(keyOf(5));
    const whole = (low: number, high: number): number => low + Math.floor(coin() * (high - low + 1));
    let sung = 0;
    for (let plan = 1; plan <= 300; plan++) {
      const key = whole(40, 90);
      const params = { ...initialParams(), low: whole(20, 50), high: whole(80, 110), root: whole(0, 11), scale: whole(0, 9), above: whole(0, 1), colour: 0, temperature: 0.5 + coin() };
      const notes = await choir.harmonise({ plan, role: 3, pitch: pitch(key), voices: whole(1, 3), time: ms(plan * whole(1, 700)) }, params, coin() < 0.5 ? null : { bpm: 100, phase: ms(0) });
      for (const [i, note] of notes.entries()) {
        sung++;
        const interval = (params.above === 1 ? 1 : -1) * (note - key);
        expect([note >= params.low, note <= params.high, inScale(note, params.root, params.scale), interval >= 3 && interval <= 31, consonant(interval)]).toEqual([true, true, true, true, true]);
        for (const other of notes.slice(0, i)) expect([other === note, consonant(other - note)]).toEqual([false, true]);
      }
      if (coin() < 0.7) await choir.feed();
      if (coin() < 0.7) await choir.retell();
    }
    expect(sung).toBeGreaterThan(250);
  });
});
