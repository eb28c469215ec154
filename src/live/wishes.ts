import { conditioned, densityOf, MANNERS, OPEN, registerOf, styleRow, type Conditioned, type Conditions } from '../music/conditions.ts';
import type { Shape } from '../model/shape.ts';
import type { Manner } from './manner.ts';
import type { ParamValues } from './params.ts';

/** What is wished of an answer or of what goes on. */
export type Wished = Pick<ParamValues, 'manner' | 'busyness' | 'register'>;

/** The event as the model is fed it, told what is wished of what comes next where it is made to be; `wished` is null where nothing is. */
export const telling = (encoding: Conditioned, { parts }: Shape, event: readonly number[], wished: Wished | null): readonly number[] =>
  conditioned(parts, event, wished ? conditionsOf(encoding, wished) : OPEN);

const conditionsOf = (encoding: Conditioned, { manner, busyness, register }: Wished): Conditions => [styleRow(encoding, MANNERS[manner] ?? 'any'), busyness, register];

/** Notes a second that are wished: as `busyness` has it, in whose units (beats or seconds) there are `perSecond` to a second; else `density`. */
export const densityWished = (encoding: Conditioned, { busyness }: Wished, density: number, perSecond: number): number =>
  busyness > 0 ? densityOf(encoding, busyness) * perSecond : density;

/** How far from the key that a register stands for its keys lie. */
const AROUND = 9;

/** The player's manner, in the register that is wished. */
export const inRegister = (encoding: Conditioned, manner: Manner, { register }: Wished): Manner =>
  register > 0 ? { ...manner, lowest: registerOf(encoding, register) - AROUND, highest: registerOf(encoding, register) + AROUND } : manner;
