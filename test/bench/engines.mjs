// What a feed and a query cost on each engine found here: node test/bench/engines.mjs [UNITS,UNITS] [ENGINE...]
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const out = 'node_modules/.cache/antiphon/bench';
const entryPoints = ['engine/choose', 'engine/engines', 'engine/sample', 'engine/child', 'model/predictor', 'core/statistics'].map((name) => at(`src/${name}.ts`));
buildSync({ entryPoints, outdir: at(out), outbase: at('src'), bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', outExtension: { '.js': '.mjs' } });
const from = (name) => import(new URL(`../../${out}/${name}.mjs`, import.meta.url));
const { openEngine } = await from('engine/choose');
const { ENGINES } = await from('engine/engines');
const { SAMPLE, sampleWeights } = await from('engine/sample');
const { openState } = await from('model/predictor');
const { percentiles } = await from('core/statistics');

const [layers = '256,256', ...only] = process.argv.slice(2);
const shape = { ...SAMPLE, layers: layers.split(',').map(Number) };
const weights = sampleWeights(shape, 1);
const ROWS = [1, 8];
const SECONDS = 3;

const timed = async (step) => {
  const taken = [];
  for (let i = 0; i < 50; i++) await step(i);
  const began = performance.now();
  for (let i = 0; i < 2000 && performance.now() - began < SECONDS * 1000; i++) {
    const before = performance.now();
    await step(i);
    taken.push(performance.now() - before);
  }
  return percentiles(taken);
};

const shown = ({ p50, p95, p99, max }) => [p50, p95, p99, max].map((value) => value.toFixed(2)).join(' / ');
console.log(`layers ${layers}; milliseconds, p50 / p95 / p99 / max`);
for (const { name, available } of ENGINES) {
  if (only.length > 0 && !only.includes(name)) continue;
  if (available() !== true) {
    console.log(`${name.padEnd(11)} ${available()}`);
    continue;
  }
  const predictor = await openEngine(name, shape, weights, { entry: at(`${out}/engine/child.mjs`) });
  for (const rows of ROWS) {
    const states = Array.from({ length: rows }, () => openState(shape));
    const feed = await timed((i) => predictor.submit(states.map((state) => ({ kind: 'feed', state, event: [i % 256, i % 100, i % 32] }))));
    const query = await timed(() => predictor.submit(states.map((state) => ({ kind: 'query', state, part: 0, given: [-1, 3, -1] }))));
    console.log(`${name.padEnd(11)} ${rows} ${rows === 1 ? 'row ' : 'rows'}  feed ${shown(feed)}   query ${shown(query)}`);
  }
  predictor.close();
}
