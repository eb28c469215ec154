import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { AntiphonError } from '../core/errors.ts';
import { openEngine } from '../engine/choose.ts';
import { loadTensorFlow, type Raw, type Tf } from '../engine/tensorflow.ts';
import type { ModelCard } from '../model/checkpoint.ts';
import type { Predictor } from '../model/predictor.ts';
import type { Shape, Weights } from '../model/shape.ts';
import { encodingOf, type AnyEncodingName } from '../music/encodings.ts';
import { fineTune, type FineTuned } from '../training/fine-tune.ts';
import { fingerprint } from '../training/floors.ts';
import { personalSplit } from '../training/personal.ts';
import { eventsOf } from '../training/piece.ts';
import type { Split } from '../training/split.ts';
import type { TrainSettings } from '../training/train.ts';
import { gather } from './gather.ts';
import { asStored, loadModel, modelHash, saveModel } from './models.ts';
import { say } from './terminal.ts';
import { copiesIn, type CopyCheck } from './personal-copies.ts';
import { settingsOf, type TrainOptions } from './train-options.ts';
import { sayProgress, stopOnSignal } from './train-progress.ts';

/** What the base model decides, and what has no meaning with a few pieces: none of these options goes with `--from`. */
const DECIDED = ['encoding', 'layers', 'embedding', 'head', 'cell', 'deep', 'skip', 'attention', 'folds', 'floorSymbols', 'mixed', 'weigh', 'begin'] as const;

/** Where `--from` begins elsewhere than a whole training does: small steps, few of them, looked at often. */
const DEFAULTS = { steps: 400, rows: 16, rate: 0.0003, every: 20, patience: 4, dropout: 0.2 } as const;
const WARM_UP = 20;
/** What the command that is recorded says, beside names. */
const RECORDED = ['steps', 'length', 'rows', 'rate', 'dropout', 'seed', 'every', 'patience'] as const;

/** What tuning is done with, beside the options. */
export interface Tuning {
  readonly engine: { readonly tf: Tf; readonly raw: Raw | null };
  /** Plays a model, for what it copies. */
  readonly open: (shape: Shape, weights: Weights) => Promise<Predictor>;
  readonly stop: () => boolean;
  /** The folder that the model's own is made in. */
  readonly models: string;
}

/** The options with the defaults of `--from` where nothing else was said. @throws AntiphonError `train.from` */
export const personalOptions = (options: TrainOptions, said: (name: string) => boolean): TrainOptions => {
  const wrong = DECIDED.find(said);
  if (wrong) throw new AntiphonError('train.from', 'With --from the base model decides what it is, and all pieces count the same: an option that cannot be given', `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, 'Leave it out.');
  return { ...options, ...Object.fromEntries(Object.entries(DEFAULTS).filter(([name]) => !said(name))) };
};

/** `train --from`: tunes a model on a player's own files. */
export const trainPersonal = async (folders: readonly string[], from: string, given: TrainOptions, said: (name: string) => boolean): Promise<void> => {
  const options = personalOptions(given, said);
  loadModel(from);
  await tunePersonal(folders, from, options, {
    engine: loadTensorFlow(),
    open: (shape, weights) => openEngine('wasm', shape, weights),
    stop: stopOnSignal(),
    models: resolve('models'),
  });
};

/**
 * Tunes the model `from` on the pieces in `folders`, prints what it came to, and saves it; null where it was stopped.
 * @throws AntiphonError `model.name`, `train.name`, `personal.pieces`, `train.resume`, `corpus.place`
 */
export const tunePersonal = async (folders: readonly string[], from: string, options: TrainOptions, { engine, open, stop, models }: Tuning): Promise<ModelCard['report'] | null> => {
  const { card, weights } = loadModel(from);
  const name = options.name ?? 'mine';
  if (name === card.name || !/^[\w-]+$/.test(name)) throw new AntiphonError('train.name', 'A tuned model needs a name of its own, of letters, digits, - and _', name, `For example --name my-${card.name}.`);
  const encoding = encodingOf<AnyEncodingName>(card.encoding, card.encodingHash);
  const corpus = await gather(encoding.name, folders);
  for (const { file, reason } of corpus.refused) say(`left out ${file}: ${reason}`);
  const split = personalSplit(corpus.pieces, options.seed);
  for (const [side, what] of [['train', 'to learn from'], ['tune', 'to stop by'], ['report', 'kept aside']] as const) say(`${split[side].length} pieces ${what}, ${eventsOf(split[side])} events`);
  const base = { name: card.name, hash: modelHash(from) };
  // Another file in the folder is another run: what was learnt without it is not gone on with.
  const settings: TrainSettings = { ...settingsOf(card.shape, options), warmUp: WARM_UP, from: `${base.hash} on ${hashOf(corpus.pieces.map(fingerprint))}` };
  const tuned = await fineTune(engine, encoding, weights, split, settings, options.run ?? join('.runs', `${name}-${hashOf(settings)}`), sayProgress, stop, (each) => asStored(card.shape, each));
  if (!tuned) return null;
  const report = reportOf(tuned, split, await copiesIn(card, asStored(card.shape, tuned.weights), split, options.seed, open));
  for (const line of reportLines(report)) say(line);
  const place = join(models, name);
  const licences = Array.isArray(card.training['licences']) ? card.training['licences'].map(String) : [];
  saveModel(place, {
    name,
    encoding: card.encoding,
    encodingHash: card.encodingHash,
    shape: card.shape,
    training: {
      command: ['antiphon train --from', card.name, ...folders.map((each) => basename(resolve(each))), '--name', name, ...RECORDED.flatMap((option) => [`--${option}`, options[option]])].join(' '),
      base: { ...base, training: card.training },
      // Not `folders`: its sides are no split by family name, and nobody else has these files.
      tunedOn: folders.map((each) => basename(resolve(each))),
      licences: [...licences, ...options.licence],
      pieces: split.train.length,
      events: eventsOf(split.train),
      ...settings,
      shape: undefined,
      stepsDone: tuned.steps,
      minutes: Number((tuned.seconds / 60).toFixed(1)),
      curve: tuned.curve,
    },
    report,
  }, tuned.weights);
  say(`saved ${place}`);
  return report;
};

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);

/** What is told of a tuned model: natural logarithms, on the pieces kept aside. */
type Report = Readonly<Record<'before' | 'after', Readonly<Record<'nllPerEvent' | 'nllPerNote', number>>>> & { readonly pieces: number; readonly bestStep: number; readonly copies: CopyCheck | null };

const reportOf = ({ before, after, best }: FineTuned, { report }: Split, copies: CopyCheck | null): Report => {
  const figures = ({ nllPerEvent, nllPerNote }: typeof before): Report['before'] => ({ nllPerEvent, nllPerNote });
  return { pieces: report.length, before: figures(before), after: figures(after), bestStep: best?.step ?? 0, copies };
};

const reportLines = ({ pieces, before, after, bestStep, copies }: Report): string[] => {
  const less = 100 * (1 - after.nllPerEvent / before.nllPerEvent);
  return [
    `${pieces} pieces kept aside: ${before.nllPerEvent.toFixed(4)} nats an event before, ${after.nllPerEvent.toFixed(4)} after (${less.toFixed(1)} % less); a note ${before.nllPerNote.toFixed(4)} before, ${after.nllPerNote.toFixed(4)} after`,
    bestStep === 0 ? 'no step was better than the base model on the pieces to stop by: its weights are kept' : `best at step ${bestStep}`,
    copies
      ? `pitches in one order, rhythm aside: of ${copies.generatedNotes} notes generated from nothing at most ${copies.longest.exact} in a row stand in the pieces learnt from (${copies.longest.transposed} in any key); of the pieces kept aside at most ${copies.ownPieces.exact} (${copies.ownPieces.transposed})`
      : 'copies are not looked for in this encoding: nothing is generated in it from nothing',
  ];
};
