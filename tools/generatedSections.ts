import { formatEntraErrors } from './entraErrorTable.ts';
import { formatTable } from './formatTable.ts';

/**
 * The text of README.md with each generated section, between its two marks, as its source says it today.
 * @param errors the text of docs/errors.md, of which README.md shows the codes.
 */
export function withGeneratedSections(text: string, errors: string): string {
  return replaceSection(text, 'errors', errorsTable(errors));
}

/** The text of docs/errors.md with Entra's numbers as the code knows them today. */
export function withEntraErrors(errors: string): string {
  return replaceSection(errors, 'entra', formatEntraErrors());
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
