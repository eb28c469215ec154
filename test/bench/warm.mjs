// What the first keys cost a stage and its models, cold and warm, in processor time: node test/bench/warm.mjs [PATCH] [PROCESSES]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const NAMES = ['stage/stage', 'stage/warm', 'stage/records', 'live/muse', 'live/patch', 'live/cast', 'cli/muse-models', 'core/statistics', 'core/ring', 'cli/thread'];
const from = (name) => import(new URL(`../../dist/test/${name}.js`, import.meta.url));
const KEYS = 60;
const FIRST = 15;

/** In a process of its own: microseconds of processor that each key takes, chords of two among them. */
const child = async (name, isWarm) => {
  const [{ Stage }, { warm, pretend }, { IN, readAsk, pushAsk, pushCompletion }, { Muse }, { readPatch }, { castOf }, { loadMuseModels }, { RECORD }, { WARM_FOR }] = await Promise.all(['stage/stage', 'stage/warm', 'stage/records', 'live/muse', 'live/patch', 'live/cast', 'cli/muse-models', 'core/ring', 'cli/thread'].map(from));
  const patch = readPatch(readFileSync(at(`patches/${name}.json`), 'utf8'), name);
  const cast = castOf([patch]);
  const { models } = await loadMuseModels('wasm', cast);
  const museOf = async (say) => {
    const muse = new Muse(models, 1, say);
    await muse.open();
    return muse;
  };
  const completions = [];
  const recordOf = (...numbers) => Float64Array.from({ length: RECORD }, (_, i) => numbers[i] ?? 0);
  const asks = [];
  const muse = await museOf((completion) => pushCompletion((...numbers) => completions.push(recordOf(...numbers)), completion));
  const stage = new Stage([patch], { send: () => {}, ask: (ask) => pushAsk((...numbers) => asks.push(recordOf(...numbers)), ask), tell: () => true }, 0, cast);
  let spent = 0;
  if (isWarm) {
    const began = performance.now();
    await warm([patch], cast, pretend, () => performance.now() < began + WARM_FOR);
    const half = performance.now();
    await warm([patch], cast, museOf, () => performance.now() < half + WARM_FOR);
    spent = performance.now() - began;
  }
  const cost = { stage: [], models: [] };
  const timed = (act) => {
    const before = process.cpuUsage();
    act();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const think = async () => {
    const before = process.cpuUsage();
    for (let ask = asks.shift(); ask; ask = asks.shift()) muse.ask(readAsk(ask));
    while (await muse.step());
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  await think();
  for (let n = 0; n < KEYS; n++) {
    const now = 1000 + n * 150;
    const key = 60 + ((n * 5) % 13);
    let stages = timed(() => stage.take(recordOf(IN.midi, 0x90, key, 80, now), now));
    const thought = await think();
    stages += timed(() => {
      for (let record = completions.shift(); record; record = completions.shift()) stage.take(record, now + 1);
      stage.take(recordOf(IN.midi, 0x80, key, 64, now + 90), now + 90);
    });
    cost.stage.push(stages);
    cost.models.push(thought + (await think()));
  }
  process.stdout.write(JSON.stringify({ ...cost, spent }));
  process.exit(0);
};

const [name = 'harmony', processes = '7', how] = process.argv.slice(2);
if (how) await child(name, how === 'warm');
else {
  buildSync({ entryPoints: NAMES.map((each) => at(`src/${each}.ts`)), outdir: at('dist/test'), outbase: at('src'), bundle: true, splitting: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' });
  const { median } = await from('core/statistics');
  const runs = { cold: [], warm: [] };
  // Turn by turn, so that both see the same load.
  for (let i = 0; i < Number(processes); i++) for (const each of ['cold', 'warm']) runs[each].push(JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), name, '1', each], { encoding: 'utf8' })));
  console.log(`${name}: microseconds of processor a key, medians of ${processes} processes; warmed for ${median(runs.warm.map(({ spent }) => spent)).toFixed(0)} ms`);
  for (const part of ['stage', 'models']) {
    const sum = (of, a, b) => median(of.map((run) => run[part].slice(a, b).reduce((x, y) => x + y, 0) / (b - a)));
    const most = (of) => median(of.map((run) => Math.max(...run[part].slice(0, FIRST))));
    for (const each of ['cold', 'warm']) console.log(`  ${part.padEnd(7)} ${each}: first ${sum(runs[each], 0, 1).toFixed(0).padStart(6)}, first ${FIRST} ${sum(runs[each], 0, FIRST).toFixed(0).padStart(6)} (most ${most(runs[each]).toFixed(0)}), last ${FIRST} ${sum(runs[each], KEYS - FIRST, KEYS).toFixed(0).padStart(6)}`);
    console.log(`  ${part.padEnd(7)} cold / warm: first ${(sum(runs.cold, 0, 1) / sum(runs.warm, 0, 1)).toFixed(1)}, first ${FIRST} ${(sum(runs.cold, 0, FIRST) / sum(runs.warm, 0, FIRST)).toFixed(1)}`);
  }
}
