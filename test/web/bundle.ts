import { build } from 'esbuild';
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (name: string): string => fileURLToPath(new URL(`../../src/web/${name}`, import.meta.url));

/** Builds the page into `folder`, as the project's build does. */
export const bundlePage = async (folder: string): Promise<void> => {
  await build({ entryPoints: [at('page.ts'), at('listen.ts')], outdir: folder, bundle: true, platform: 'browser', format: 'esm', target: 'es2022', sourcemap: true, logLevel: 'warning' });
  for (const name of ['index.html', 'page.css', 'listen.html', 'listen.css']) cpSync(at(name), `${folder}/${name}`);
};
