import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEngine } from '../engine/choose.ts';
import { PARAMS } from '../live/params.ts';
import type { Model } from '../model/checkpoint.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import type { Split } from '../training/split.ts';
import { compareTable, comparisonOf } from './compare.ts';
import { exportSplit } from './export-split.ts';
import type { FolderComparison } from './folder-comparison.ts';
import { folderJobs, writeJob } from './generate-files.ts';
import { REMEMBERING } from './generator.ts';
import { say } from './terminal.ts';

/** Ways of choosing that are tried on the tuning split. */
const CHOICES = [
  { temperature: 1, topP: 0.98 },
  { temperature: 1, topP: 1 },
  { temperature: 1.05, topP: 0.98 },
  { temperature: 1.1, topP: 0.97 },
  { temperature: 1.1, topP: 0.98 },
  { temperature: 1.15, topP: 0.97 },
] as const;

/** How much what was given and written counts in what comes next: tried with the best of them, where it is heeded. */
const MEMORIES = [0.1, 0.2, 0.4, 0.6] as const;

/** A way of choosing, and how near what it wrote comes to what people did. */
export interface Tried {
  readonly temperature: number;
  readonly topP: number;
  readonly memory: number;
  readonly ratio: number | null;
  readonly least: { readonly measure: string; readonly ratio: number } | null;
}

type Way = Pick<Tried, 'temperature' | 'topP' | 'memory'>;

/** What a model writes, against what people wrote: what `evaluate MODEL --generated FOLDER --json` prints. */
export interface GeneratedEvaluation {
  readonly model: string;
  /** On the tuning split, where the choice is made: that whose weakest measure is the strongest. */
  readonly tried: readonly Tried[];
  readonly chosen: Tried;
  /** On the report split. */
  readonly report: FolderComparison;
}

/** What is asked for. */
export interface GeneratedOptions {
  readonly seed: number;
  /** Pieces written at most, for each way of choosing. */
  readonly count: number;
  readonly engine: string;
}

/**
 * A model goes on from how held-out pieces begin, and what it writes is compared with how these went on, neither with its beginning. The
 * way of choosing is the one that does best on the tuning split; the figures are those of the report split, copies of training looked for.
 * Everything that is compared stays in `folder`.
 *
 * @throws AntiphonError `file.write`, `folder.empty` where no held-out piece is long enough
 */
export const evaluateGenerated = async ({ card, weights }: Model, split: Split, folder: string, { seed, count, engine }: GeneratedOptions): Promise<GeneratedEvaluation> => {
  const encoding = card.encoding as AnyEncodingName;
  for (const [place, files] of Object.entries(exportSplit(encoding, split, folder))) say(`${files} files in ${join(folder, place)}`);
  const { predictor } = await chooseEngine(engine, card.shape, weights);
  const compare = { seed, pieces: Number.MAX_SAFE_INTEGER };
  const made = async (side: 'tune' | 'report', { temperature, topP, memory }: Way): Promise<string> => {
    const out = join(folder, side, side === 'report' ? 'made' : `made-${temperature}-${topP}-${memory}`);
    rmSync(out, { recursive: true, force: true });
    for (const job of folderJobs(join(folder, side, 'begun'), out, { seed, seconds: 0, count, like: join(folder, side, 'rest') })) {
      await writeJob(job, { predictor, encoding, model: card.name, choice: { temperature, topP, topK: 0 }, recall: { weight: memory, sharpness: PARAMS.sharpness.initial }, wishes: {}, alone: true });
    }
    return out;
  };
  try {
    const tried: Tried[] = [];
    const best = (): Tried => tried.reduce((so, each) => ((each.least?.ratio ?? 0) > (so.least?.ratio ?? 0) ? each : so));
    const tryOut = async (way: Way): Promise<void> => {
      const { summary } = comparisonOf(await made('tune', way), join(folder, 'tune', 'rest'), compare);
      tried.push({ ...way, ratio: summary?.ratio ?? null, least: summary?.least ?? null });
      say(`temperature ${way.temperature}, top-p ${way.topP}, memory ${way.memory}: ratio ${summary?.ratio.toFixed(3)}, least ${summary?.least.measure} ${summary?.least.ratio.toFixed(3)}`);
    };
    for (const choice of CHOICES) await tryOut({ ...choice, memory: 0 });
    const { temperature, topP } = best();
    if (REMEMBERING.includes(encoding)) for (const memory of MEMORIES) await tryOut({ temperature, topP, memory });
    const chosen = best();
    const report = comparisonOf(await made('report', chosen), join(folder, 'report', 'rest'), { ...compare, train: [join(folder, 'train')] });
    return { model: card.name, tried, chosen, report };
  } finally {
    predictor.close();
  }
};

/** As a table for people. */
export const generatedTable = ({ model, chosen, report }: GeneratedEvaluation): string =>
  `${model}: temperature ${chosen.temperature}, top-p ${chosen.topP}, memory ${chosen.memory}, chosen on the tuning split\n${compareTable(report)}`;
