import { copyFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A file of ours, bundled as the build does, where the packages it imports are found: `node` runs no TypeScript. */
export const bundled = (path: string): string => {
  const name = basename(path, '.ts');
  const outfile = at(`node_modules/.cache/antiphon/${name}-${process.pid}.mjs`);
  buildSync({ entryPoints: [at(path)], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' });
  // What the build puts beside it.
  copyFileSync(at('dist/engine/kernel.wasm'), join(dirname(outfile), 'kernel.wasm'));
  return outfile;
};

/** A process that speaks the wire and computes nothing: it answers every step with zeros. */
export const IDLE = `
  let shape;
  const memory = () => 2 * shape.layers.reduce((a, b) => a + b), heads = () => shape.parts.length * shape.head;
  process.on('message', (asked) => {
    if (asked.kind === 'open') shape = asked.shape;
    const numbers = asked.kind === 'open' ? 0 : asked.requests.reduce((sum, each) => sum + (each.kind === 'feed' ? memory() + heads() : shape.parts[each.part].outputs), 0);
    process.send({ kind: 'done', numbers: new Float32Array(numbers) });
  });
  process.on('disconnect', () => process.exit());
`;
