import { settingDefinitions, type SettingDefinition } from '../src/settings/definitions.ts';

/** The text with each generated section, between its two marks, as the code says it today. */
export function withGeneratedSections(text: string): string {
  const begin = '<!-- settings: begin (npm run docs) -->';
  const end = '<!-- settings: end -->';
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The marks of the section are missing: ${begin}`);
  return `${before}${begin}\n\n${settingsTable()}\n\n${end}${after}`;
}

function settingsTable(): string {
  const rows = Object.entries<SettingDefinition<unknown>>(settingDefinitions).map(
    ([name, { type, default: fallback, meaning, secret }]) => {
      const shown = fallback === undefined ? '' : `\`${fallback}\``;
      return [`\`${name}\``, type.unit, shown, `${meaning}${secret ? ' A secret: it is never logged.' : ''}`];
    },
  );
  return formatTable([['name', 'unit', 'default', 'meaning'], ...rows]);
}

/** A Markdown table with aligned columns, as the formatter leaves it. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
