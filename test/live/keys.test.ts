import { describe, expect, it } from 'vitest';
import { pitch } from '../../src/core/units.ts';
import { Keys, placeOf } from '../../src/live/keys.ts';

const at = (key: number, source = 0, channel = 1): number => placeOf(source, channel, key);

/** Keys with a list of the ids that ended. */
class Hands {
  readonly keys = new Keys();
  readonly ended: number[] = [];
  private ids = 0;

  readonly end = (id: number): void => {
    if (id > 0) this.ended.push(id);
  };

  strike(key: number, source = 0, channel = 1): number {
    this.end(this.keys.strike(at(key, source, channel), ++this.ids, pitch(key)));
    return this.ids;
  }

  lift(key: number, source = 0, channel = 1): void {
    this.end(this.keys.lift(at(key, source, channel)));
  }

  take(): number[] {
    return this.ended.splice(0);
  }
}

describe('keys under the hands', () => {
  it('sound until they are let go', () => {
    const hands = new Hands();
    hands.strike(60);
    hands.strike(64);
    expect([hands.keys.size, hands.keys.down]).toEqual([2, 2]);
    hands.lift(60);
    expect([hands.take(), hands.keys.size]).toEqual([[1], 1]);
    hands.lift(60);
    hands.lift(71);
    expect(hands.take()).toEqual([]);
  });

  it('are one for each source and channel', () => {
    const hands = new Hands();
    hands.strike(60);
    hands.strike(60, 0, 2);
    hands.strike(60, 17);
    hands.lift(60, 0, 2);
    expect([hands.take(), hands.keys.size]).toEqual([[2], 2]);
  });

  it('end the note before when struck again', () => {
    const hands = new Hands();
    hands.strike(60);
    hands.strike(60);
    expect(hands.take()).toEqual([1]);
    hands.lift(60);
    expect([hands.take(), hands.keys.size]).toEqual([[2], 0]);
  });
});

describe('pedals', () => {
  it('sustain holds what is let go until it is lifted', () => {
    const hands = new Hands();
    hands.keys.pedal(0, true, hands.end);
    hands.strike(60);
    hands.strike(64);
    hands.lift(60);
    expect([hands.take(), hands.keys.size, hands.keys.down, hands.keys.isDown(at(60))]).toEqual([[], 2, 1, false]);
    hands.keys.pedal(0, false, hands.end);
    expect([hands.take(), hands.keys.size]).toEqual([[1], 1]);
  });

  it('sustain is of one source, on any of its channels', () => {
    const hands = new Hands();
    hands.keys.pedal(1, true, hands.end);
    hands.strike(60, 0);
    hands.strike(61, 1, 5);
    hands.lift(60, 0);
    hands.lift(61, 1, 5);
    expect([hands.take(), hands.keys.sustained]).toEqual([[1], true]);
    hands.keys.pedal(0, false, hands.end);
    expect(hands.take()).toEqual([]);
    hands.keys.pedal(1, false, hands.end);
    expect([hands.take(), hands.keys.sustained]).toEqual([[2], false]);
  });

  it('sostenuto holds only the keys that were down when it went down', () => {
    const hands = new Hands();
    hands.strike(48);
    hands.keys.latch(0, true, hands.end);
    hands.strike(60);
    hands.keys.latch(0, true, hands.end);
    hands.lift(48);
    hands.lift(60);
    expect(hands.take()).toEqual([2]);
    hands.keys.latch(0, false, hands.end);
    expect(hands.take()).toEqual([1]);
  });

  it('sostenuto lets go into a sustain that is down', () => {
    const hands = new Hands();
    hands.strike(48);
    hands.keys.latch(0, true, hands.end);
    hands.keys.pedal(0, true, hands.end);
    hands.lift(48);
    hands.keys.latch(0, false, hands.end);
    expect(hands.take()).toEqual([]);
    hands.keys.pedal(0, false, hands.end);
    expect(hands.take()).toEqual([1]);
  });

  it('let go of everything with their source', () => {
    const hands = new Hands();
    hands.keys.pedal(0, true, hands.end);
    hands.keys.pedal(1, true, hands.end);
    hands.strike(60, 0);
    hands.strike(64, 0);
    hands.strike(67, 1);
    hands.lift(60, 0);
    const gone: [number, number, boolean][] = [];
    hands.keys.releaseAll((id, key, up) => gone.push([id, key, up]), 0);
    expect(gone).toEqual([[1, 60, true], [2, 64, false]]);
    expect([hands.keys.size, hands.keys.sustained]).toEqual([1, true]);
    hands.keys.releaseAll((id, key, up) => gone.push([id, key, up]));
    expect([gone.at(-1), hands.keys.size, hands.keys.sustained]).toEqual([[3, 67, false], 0, false]);
  });
});
