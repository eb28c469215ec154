// The process a native engine runs in: its abort ends this process and no music.
import { messageOf } from '../core/errors.ts';
import type { Predictor } from '../model/predictor.ts';
import { engineOf } from './engines.ts';
import { closeInherited } from './inherited.ts';
import { packAnswers, unpackBatch, type Answered, type Asked } from './wire.ts';

closeInherited();

// Training may round to bfloat16; what is played is what the model card's figures were measured on.
process.env['ONEDNN_DEFAULT_FPMATH_MODE'] ??= 'STRICT';

let predictor: Predictor | undefined;

const answerTo = async (asked: Asked): Promise<Float32Array> => {
  if (asked.kind === 'open') {
    predictor = await engineOf(asked.engine).open(asked.shape, asked.weights);
    return new Float32Array(0);
  }
  if (!predictor) throw new Error('no model is open');
  const batch = unpackBatch(predictor.shape, asked.requests, asked.numbers);
  return packAnswers(predictor.shape, batch, await predictor.submit(batch));
};

const say = (answer: Answered): void => void process.send?.(answer);

process.on('message', (asked: Asked) => {
  answerTo(asked).then((numbers) => say({ kind: 'done', numbers }), (thrown: unknown) => say({ kind: 'failed', message: messageOf(thrown) }));
});
// Ctrl-C reaches the whole group: the parent ends its notes first and closes this process after.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
