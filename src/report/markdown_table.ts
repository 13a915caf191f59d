import type { ResultTable } from './result_table.js';

/** A table as Markdown; a column's highest number is bold. */
export function markdownTable({ columns, rows }: ResultTable): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map(({ cells, best }) =>
    line(cells.map((cell, column) => (best[column] ? `**${escapeCell(cell)}**` : escapeCell(cell)))),
  );
  const head = line(columns.map(({ title }) => escapeCell(title)));
  return [head, line(columns.map((_, column) => (column === 0 ? '---' : '---:'))), ...body].join('\n');
}

/** Tables one below the other, each under its title, with what must be known to read it. */
export function markdownTables(tables: readonly ResultTable[], title: string): string {
  const parts = tables.map((table) => {
    const caption = table.caption === '' ? '' : `\n\n${escapeMarkup(table.caption)}`;
    return `## ${escapeMarkup(table.title)}\n\n${markdownTable(table)}${caption}`;
  });
  return `${[`# ${escapeMarkup(title)}`, ...parts].join('\n\n')}\n`;
}

function escapeCell(text: string): string {
  return escapeMarkup(text).replace(/\|/g, '\\|').replace(/\r?\n/g, ' ');
}

/** Names in records are no markup. */
function escapeMarkup(text: string): string {
  return text.replace(/[\\`*_[\]<>#]/g, '\\$&');
}
