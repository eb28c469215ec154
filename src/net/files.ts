import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  map: 'application/json; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
};

/** A file of the page, ready to send. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The file of the page at a URL path, or undefined. The page is one flat folder: what names another is not looked for. */
export const pageFile = async (root: string, path: string): Promise<PageFile | undefined> => {
  const name = path === '/' ? 'index.html' : path.slice(1);
  if (!/^[\w-]+(\.[\w-]+)+$/.test(name)) return undefined;
  const extension = name.slice(name.lastIndexOf('.') + 1);
  if (!Object.hasOwn(TYPES, extension)) return undefined;
  try {
    return { type: TYPES[extension] as string, bytes: await readFile(join(root, name)) };
  } catch {
    return undefined;
  }
};
