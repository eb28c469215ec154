import { workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import { Bell, RECORD, Ring } from '../core/ring.ts';
import { Foresight } from '../live/foresight.ts';
import { Hush } from '../live/hush.ts';
import { Muse } from '../live/muse.ts';
import { pushCompletion, readAsk } from '../stage/records.ts';
import { warm } from '../stage/warm.ts';
import { clockFrom } from './clock.ts';
import { loadMuseModels } from './muse-models.ts';
import { post, runThread, sleep, threadId, WARM_FOR } from './thread.ts';
import type { ModelData } from './wiring.ts';

const LONGEST_SLEEP = 1000;
/**
 * Where nobody waits for what is thought about, this thread rests after so many milliseconds of it, for so many. Its greater share of a processor
 * keeps others from theirs for as long as it does not sleep: on two processors a client's process, or a synth's, got no turn for 5 ms and more.
 */
const BREATH = { after: 1, rest: 0.3 } as const;

/** The models: asks in, completions out, one model step at a time. */
runThread(async () => {
  const { memory, clock, engine, seed, patches, cast, slow } = workerData as ModelData;
  const bell = new Bell(memory.modelBell);
  const stageBell = new Bell(memory.stageBell);
  const asks = new Ring(memory.asks);
  const completions = new Ring(memory.completions);
  const opened = await loadMuseModels(engine, cast, { slow, lost: (why) => post({ kind: 'warning', code: 'engine.lost', message: messageOf(why) }) });
  let answered = false;
  const push = (...record: Parameters<Ring['push']>): boolean => {
    answered = true;
    return completions.push(...record);
  };
  const now = clockFrom(clock);
  const muse = new Muse(opened.models, seed, (completion) => pushCompletion(push, completion), { board: new Foresight(memory.foresight), now });
  await muse.open();
  const warmed = now() + WARM_FOR;
  const scratch = async (say: ConstructorParameters<typeof Muse>[2]): Promise<Muse> => {
    const other = new Muse(opened.models, seed, say, { board: new Foresight(), now });
    await other.open();
    return other;
  };
  await warm(patches, cast, scratch, () => now() < warmed);
  post({ kind: 'ready', thread: threadId(), detail: { engine: opened.engine } });
  void opened.settle().then(({ engine: name, stepMs }) => post({ kind: 'engine', name, stepMs }));

  // Waiting in `Atomics.waitAsync` does not keep a thread alive.
  setInterval(() => {}, 2 ** 30);
  const record = new Float64Array(RECORD);
  let restedAt = 0;
  const hush = new Hush();
  // An engine in another process, or one being tried out, needs the event loop; else a blocking wait wakes sooner.
  const rest = async (heard: number, timeout: number): Promise<void> => {
    if (opened.blocking()) bell.wait(heard, timeout);
    else await sleep(bell.word, heard, timeout);
    restedAt = now();
  };
  for (;;) {
    const heard = bell.heard;
    while (asks.pop(record)) {
      muse.ask(readAsk(record));
      hush.told(now());
    }
    const hushed = hush.left(now());
    if (hushed > 0 && !muse.urgent) {
      await rest(heard, hushed);
      continue;
    }
    if (await muse.step()) {
      if (answered) stageBell.ring();
      answered = false;
      if (!muse.urgent && now() >= restedAt + BREATH.after) await rest(heard, BREATH.rest);
    } else await rest(heard, Math.max(0, Math.min(LONGEST_SLEEP, muse.due - now())));
  }
});
