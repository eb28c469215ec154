import { describe, expect, it } from 'vitest';
import { BACKING_STYLES } from '../../src/music/accompaniment.ts';
import { conditioned, conditionParts, densityGrade, densityOf, GRADES, MANNERS, OPEN, registerGrade, registerOf, STYLES_OF, styleRow } from '../../src/music/conditions.ts';
import { encodingOf } from '../../src/music/encodings.ts';

const BOTH = ['melody', 'performance'] as const;

describe('conditions', () => {
  it('grade notes a beat or a second by ratio, and mean keys by distance', () => {
    expect([0, 0.5, 0.94, 0.95, 1.6, 2, 2.44, 2.46, 4].map((density) => densityGrade('melody', density))).toEqual([1, 1, 1, 2, 3, 4, 4, 5, 5]);
    expect([0.1, 3.1, 3.2, 5, 8, 10.1, 10.3, 40].map((density) => densityGrade('performance', density))).toEqual([1, 1, 2, 3, 4, 4, 5, 5]);
    expect([20, 62.9, 63, 68.9, 69, 75, 81, 120].map((key) => registerGrade('melody', key))).toEqual([1, 1, 2, 2, 3, 4, 5, 5]);
    expect([20, 50.9, 51, 60, 69, 100].map((key) => registerGrade('performance', key))).toEqual([1, 1, 2, 3, 5, 5]);
  });

  it.each(BOTH)('stand for what is graded so: %s', (name) => {
    for (let grade = 1; grade <= GRADES; grade++) expect([densityGrade(name, densityOf(name, grade)), registerGrade(name, registerOf(name, grade))]).toEqual([grade, grade]);
  });

  it('name styles, those of the accompaniment in its own order first', () => {
    expect(MANNERS.slice(0, BACKING_STYLES.length)).toEqual([...BACKING_STYLES]);
    for (const name of BOTH) for (const [row, style] of STYLES_OF[name].entries()) expect([MANNERS.includes(style), styleRow(name, style)]).toEqual([true, row]);
    expect([styleRow('melody', 'recital'), styleRow('performance', 'folk'), styleRow('melody', 'game')]).toEqual([0, 0, 0]);
  });

  it.each(BOTH)('stand behind what is asked, and are cut off for a model that knows none: %s', (name) => {
    const [before, now] = [encodingOf(name, `${name}-1`), encodingOf(name, `${name}-2`)];
    expect(now.parts).toEqual([...before.parts, ...conditionParts(name)]);
    expect([now.start, now.conditions, before.conditions]).toEqual([[...before.start, ...OPEN], 3, undefined]);
    const event = before.parts.map((_, p) => p + 7);
    expect([conditioned(now.parts, event, [1, 2, 3]), conditioned(before.parts, event, [1, 2, 3])]).toEqual([[...event, 1, 2, 3], event]);
  });
});
