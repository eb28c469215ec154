import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { RingSoon } from '../../src/cli/ring-soon.ts';
import { Bell } from '../../src/core/ring.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** One that rings a stage which rings back after so many looks at the clock, each a tenth of a millisecond. */
const ringer = (looks: number) => {
  const [stage, main] = [new Bell(), new Bell()];
  const seen = { took: 0, looked: 0 };
  const ring = new RingSoon(stage, main, () => void seen.took++, () => {
    if (stage.heard > 0 && ++seen.looked === looks) main.ring();
    return seen.looked / 10;
  });
  return { ring, stage, seen };
};

it('rings once for all that one turn brought', async () => {
  const { ring, stage } = ringer(1);
  for (let n = 0; n < 5; n++) ring.ring(n === 2);
  expect(stage.heard).toBe(0);
  await turn();
  expect(stage.heard).toBe(1);
  ring.ring(false);
  await turn();
  expect(stage.heard).toBe(2);
});

// With one processor, to wait awake is to keep the stage from it.
it.skipIf(availableParallelism() < 2)('waits awake for what a key brings, not long, and for nothing else', async () => {
  const soon = ringer(3);
  soon.ring.ring(true);
  await turn();
  expect(soon.seen.took).toBe(1);
  const late = ringer(100);
  late.ring.ring(true);
  await turn();
  expect(late.seen.took).toBe(0);
  expect(late.seen.looked).toBeLessThanOrEqual(6);
  const knob = ringer(1);
  knob.ring.ring(false);
  await turn();
  expect(knob.seen).toEqual({ took: 0, looked: 0 });
});
