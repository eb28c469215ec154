import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest is begun first: else one processor waits at the end for another. */
const LONGEST = ['training/train', 'live/answers', 'training/network', 'cli/compare', 'training/judge-cache', 'stage/fuzz', 'midi/order', 'training/resume', 'cli/train-personal'];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONGEST.findIndex((name) => moduleId.endsWith(`test/${name}.test.ts`));
  return at < 0 ? LONGEST.length : at;
};

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
