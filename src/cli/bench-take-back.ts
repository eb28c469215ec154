import { coins } from '../core/rng.ts';
import type { Transport } from './bench-transports.ts';
import { pause } from './steer.ts';

/** An answer that has not begun this long after its phrase does not come. */
const PATIENCE = 4000;
/** Each phrase goes on from the one that was taken back: after so many, the player begins anew. */
const ANEW = 8;

/**
 * Plays phrases and strikes a key into each answer; milliseconds from that key to the last note-off of what sounded, after those that
 * the reflector takes with a key's end, in turn.
 */
export const takeBacks = async (echo: Transport | null, played: Transport, count: number, begin: () => Promise<void>): Promise<[echoed: number[], toLast: number[]]> => {
  const coin = coins(31);
  const echoed: number[] = [];
  const toLast: number[] = [];
  const sounding = new Map<number, number>();
  let changed: () => void = () => {};
  played.heard((pitch, role, _wanted, velocity) => {
    if (role !== 'respond') return;
    const now = (sounding.get(pitch) ?? 0) + (velocity > 0 ? 1 : -1);
    if (now > 0) sounding.set(pitch, now);
    else sounding.delete(pitch);
    changed();
  });
  /** Resolves as soon as something of the answer sounds, or nothing does; false if it does not come to that. */
  const until = (sounds: boolean): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE);
      changed = () => {
        if (sounding.size > 0 !== sounds) return;
        changed = () => {};
        clearTimeout(timer);
        resolve(true);
      };
      changed();
    });

  // Some answers are over before the key comes, or have a rest there.
  for (let tries = 0; toLast.length < count && tries < 4 * count; tries++) {
    if (tries % ANEW === 0) {
      await begin();
      sounding.clear();
    }
    for (let n = 0; n < 3; n++) {
      const pitch = 60 + Math.floor(coin() * 12);
      played.strike(pitch, 70);
      await pause(50 + 20 * coin());
      played.strike(pitch, 0);
      await pause(15);
    }
    if (!(await until(true))) continue;
    // Both are struck into the answer, each after a rest: a processor that has just been busy wakes no thread late.
    await pause(75 * coin());
    const bounced = echo ? await bounce(echo) : NaN;
    await pause(75 * coin());
    if (sounding.size > 0) {
      const struck = performance.now();
      const ended = until(false).then((did) => did && toLast.push(performance.now() - struck));
      played.strike(74, 80);
      await ended;
      if (echo) echoed.push(bounced);
    } else played.strike(74, 80);
    await pause(30);
    played.strike(74, 0);
  }
  played.heard(() => {});
  return [echoed, toLast];
};

const bounce = async (echo: Transport): Promise<number> => {
  const struck = performance.now();
  const back = new Promise<number>((resolve) => echo.heard(() => resolve(performance.now() - struck)));
  echo.strike(74, 80);
  return Promise.race([back, pause(PATIENCE).then(() => NaN)]);
};
