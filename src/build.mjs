// Builds dist/ from src/: one bundle a thread or process entry, and the page. Run by `npm ci` through `prepare`.
import { main as compile } from 'assemblyscript/asc';
import { build } from 'esbuild';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
rmSync(at('dist'), { recursive: true, force: true });

/** What osc-js would open WebSockets with, and never does here: each thread that speaks OSC would load all of Node's HTTP and TLS for it. */
const oscAlone = {
  name: 'osc-alone',
  setup: (each) => {
    each.onResolve({ filter: /^ws$/ }, ({ path, importer }) => (/node_modules[\\/]osc-js[\\/]/.test(importer) ? { path, namespace: 'nothing' } : null));
    each.onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: '' }));
  },
};

await build({
  entryPoints: ['cli/main', 'cli/input-thread', 'cli/stage-thread', 'cli/model-thread', 'cli/guard-process', 'training/read-thread', 'engine/child'].map((name) => at(`src/${name}.ts`)),
  outdir: at('dist'),
  outbase: at('src'),
  bundle: true,
  splitting: true,
  // Packages too: a daemon starts a seventh sooner from few files than from hundreds. Not those with files of their own, or that may be missing.
  external: ['@tensorflow/*', 'easymidi', '@julusian/midi', 'koffi', 'webgpu'],
  mainFields: ['module', 'main'],
  // For what packages of the older kind require of Node's.
  banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [oscAlone],
});

// The embedded engine's inner loops.
const { error, stderr } = await compile([at('src/engine/kernel/kernel.ts'), '--outFile', at('dist/engine/kernel.wasm'), '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'], {});
if (error) throw new Error(stderr.toString(), { cause: error });

await build({
  entryPoints: [at('src/web/page.ts'), at('src/web/listen.ts')],
  outdir: at('dist/web'),
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  logLevel: 'warning',
});
mkdirSync(at('dist/web'), { recursive: true });
for (const name of ['index.html', 'page.css', 'listen.html', 'listen.css']) cpSync(at(`src/web/${name}`), at(`dist/web/${name}`));
