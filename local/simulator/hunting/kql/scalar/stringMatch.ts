import { compileRegex } from './regex.ts';

/*
 * The string operators. A term is a maximal run of letters and digits; `has` and its like look for whole terms.
 *
 * Source: https://learn.microsoft.com/kusto/query/datatypes-string-operators
 */

/** Whether a text matches another one. */
export type StringMatch = (text: string, wanted: string) => boolean;

const alphanumeric = /^[\p{L}\p{N}]$/u;

/** Looks for `wanted` where no term goes on at the ends that count. */
function findTerm(text: string, wanted: string, isBoundAtStart: boolean, isBoundAtEnd: boolean): boolean {
  const needsStart = isBoundAtStart && alphanumeric.test(wanted.at(0) ?? '');
  const needsEnd = isBoundAtEnd && alphanumeric.test(wanted.at(-1) ?? '');
  for (let from = text.indexOf(wanted); from !== -1; from = text.indexOf(wanted, from + 1)) {
    const isStartFree = !needsStart || !alphanumeric.test(text[from - 1] ?? '');
    const isEndFree = !needsEnd || !alphanumeric.test(text[from + wanted.length] ?? '');
    if (isStartFree && isEndFree) return true;
    if (wanted === '') return true;
  }
  return false;
}

/** `has_cs`: the wanted text stands there as whole terms. */
export function hasTerm(text: string, wanted: string): boolean {
  return findTerm(text, wanted, true, true);
}

const caseSensitive: Readonly<Record<string, StringMatch>> = {
  '==': (text, wanted) => text === wanted,
  has: hasTerm,
  hasprefix: (text, wanted) => findTerm(text, wanted, true, false),
  hassuffix: (text, wanted) => findTerm(text, wanted, false, true),
  contains: (text, wanted) => text.includes(wanted),
  startswith: (text, wanted) => text.startsWith(wanted),
  endswith: (text, wanted) => text.endsWith(wanted),
};

/** The match without regard to case. */
export function ignoringCase(match: StringMatch): StringMatch {
  return (text, wanted) => match(text.toLowerCase(), wanted.toLowerCase());
}

function negated(match: StringMatch): StringMatch {
  return (text, wanted) => !match(text, wanted);
}

/** Every operator between two strings but `==` and `!=`, which other types have too, by its name. */
export const stringMatches: Readonly<Record<string, StringMatch>> = Object.fromEntries([
  ...Object.entries(caseSensitive).flatMap(([name, match]): [string, StringMatch][] => {
    const insensitive = ignoringCase(match);
    if (name === '==') {
      return [
        ['=~', insensitive],
        ['!~', negated(insensitive)],
      ];
    }
    return [
      [name, insensitive],
      [`!${name}`, negated(insensitive)],
      [`${name}_cs`, match],
      [`!${name}_cs`, negated(match)],
    ];
  }),
  ['matches regex', (text: string, wanted: string) => compileRegex(wanted).test(text)] as const,
]);
