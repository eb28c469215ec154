import { escaped } from './chart.ts';

const STYLE = 'body{font:15px/1.5 sans-serif;max-width:1340px;margin:2em auto;padding:0 1em;color:#222;background:#fff}svg{max-width:100%;height:auto}main{display:flex;flex-wrap:wrap;align-items:flex-start;gap:1em}table{border-collapse:collapse;margin:1em 0}td,th{text-align:left;padding:.15em 1.2em .15em 0;vertical-align:top}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}}';

/** A table of an HTML page; `head` names its columns, none where it is empty. */
export const htmlTable = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const row = (cells: readonly (string | number)[], tag: 'td' | 'th'): string => `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[...(head.length > 0 ? [row(head, 'th')] : []), ...rows.map((cells) => row(cells, 'td'))].join('\n')}\n</table>`;
};

/** A whole HTML page that needs nothing but itself: tables first, then charts side by side. */
export const reportPage = (title: string, tables: readonly string[], charts: readonly string[]): string =>
  `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>\n<body>\n<h1>${escaped(title)}</h1>\n${tables.join('\n')}\n<main>\n${charts.join('\n')}\n</main>\n</body>\n</html>\n`;
