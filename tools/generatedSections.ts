import { settingDefinitions, type SettingDefinition } from '../src/settings/definitions.ts';

/**
 * The text of README.md with each generated section, between its two marks, as its source says it today.
 * @param errors the text of docs/errors.md, of which README.md shows the codes.
 */
export function withGeneratedSections(text: string, errors: string): string {
  return replaceSection(replaceSection(text, 'settings', settingsTable()), 'errors', errorsTable(errors));
}

function replaceSection(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}: begin (npm run docs) -->`;
  const end = `<!-- ${name}: end -->`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`The marks of the section are missing: ${begin}`);
  }
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

/** Code and meaning of each error, from the rows of the table in docs/errors.md. */
function errorsTable(errors: string): string {
  const rows = [...errors.matchAll(/^\| (`[a-z_]+`) +\|[^|]*\| ([^|]+?) +\|[^|]*\|$/gm)];
  return formatTable([
    ['code', 'what happened'],
    ...rows.map(([, code = '', meaning = '']) => [code, meaning]),
  ]);
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
