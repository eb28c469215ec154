import type { Part } from '../core/part.ts';
import { BACKING_STYLES } from './accompaniment.ts';

/** The encodings of what answers and goes on. */
export type Conditioned = 'melody' | 'performance';

/**
 * What may be wished of a model and is told it beside each event, never asked: its style, how busy it is and how high it lies, 0 for what
 * is left to it. An event tells what is wished of those after it. The three stand last in an event, so that one cut short is an event of a
 * model that knows none.
 */
export type Conditions = readonly [style: number, density: number, register: number];

/** Nothing is wished. */
export const OPEN: Conditions = [0, 0, 0];

/** The styles each can be told, every one that of a data set; 0 is for any. */
export const STYLES_OF = {
  melody: ['any', 'pop', 'standard', 'folk', 'dance'],
  performance: ['any', 'pop', 'lied', 'recital', 'score'],
} as const satisfies Readonly<Record<Conditioned, readonly string[]>>;

/** Every style that some model can be told, those of the accompaniment first. */
export const MANNERS = [...BACKING_STYLES, ...['folk', 'dance', 'recital', 'score'] as const] as const;

/** The row of `STYLES_OF` a style stands in; 0 where the encoding has none such. Realtime-safe: yes. */
export const styleRow = (encoding: Conditioned, style: string): number => Math.max(0, (STYLES_OF[encoding] as readonly string[]).indexOf(style));

/** How many grades of density and of register are told apart, from the first: 0 is for any. */
export const GRADES = 5;

/**
 * What each grade stands for: notes a beat (melody) or a second (performance), near the middles of the fifths of what people play; and mean
 * keys, half an octave apart.
 */
const GRADED = {
  melody: { density: [0.75, 1.2, 1.6, 2, 3], register: [60, 66, 72, 78, 84] },
  performance: { density: [2.5, 4, 5.5, 8, 13], register: [48, 54, 60, 66, 72] },
} as const satisfies Readonly<Record<Conditioned, Readonly<Record<'density' | 'register', readonly number[]>>>>;

/** One more than the index of the value nearest to `value`, of two the higher. */
const grade = (values: readonly number[], value: number): number => {
  let nearest = 0;
  values.forEach((each, i) => {
    if (Math.abs(each - value) <= Math.abs((values[nearest] as number) - value)) nearest = i;
  });
  return nearest + 1;
};

/** The grade of so many notes a beat (melody) or a second (performance), nearest by ratio. */
export const densityGrade = (encoding: Conditioned, density: number): number => grade(GRADED[encoding].density.map(Math.log2), Math.log2(Math.max(density, 0.01)));

/** The grade of a mean key. */
export const registerGrade = (encoding: Conditioned, key: number): number => grade(GRADED[encoding].register, key);

/** Notes a beat (melody) or a second (performance) that a grade from 1 stands for. */
export const densityOf = (encoding: Conditioned, density: number): number => GRADED[encoding].density[density - 1] as number;

/** The mean key that a grade from 1 stands for. */
export const registerOf = (encoding: Conditioned, register: number): number => GRADED[encoding].register[register - 1] as number;

/** The parts of an event that tell them. */
export const conditionParts = (encoding: Conditioned): readonly Part[] => [
  { name: 'style', inputs: STYLES_OF[encoding].length, outputs: 0 },
  { name: 'density', inputs: GRADES + 1, outputs: 0 },
  { name: 'register', inputs: GRADES + 1, outputs: 0 },
];

/** The event as a model of these parts is fed it: what it knows of the conditions behind. */
export const conditioned = (parts: readonly Part[], event: readonly number[], conditions: Conditions): readonly number[] => [...event, ...conditions].slice(0, parts.length);
