import type { Progress } from '../training/train.ts';
import { say } from './terminal.ts';

/** Asks for an end after the step in hand when the process is interrupted: the function says whether it was. */
export const stopOnSignal = (): (() => boolean) => {
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    say('stopping after this step; begin again with the same options to go on');
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => stopping;
};

/** One line of progress. */
export const sayProgress = ({ step, steps, epochs, train, tune, eventsPerSecond, secondsLeft }: Progress): void =>
  say(`step ${step}/${steps}  epoch ${epochs.toFixed(2)}  train ${train.toFixed(4)}${tune === null ? '' : `  tune ${tune.toFixed(4)}`}  ${Math.round(eventsPerSecond)} events/s  ${Math.ceil(secondsLeft / 60)} min left`);
