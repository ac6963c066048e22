import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compileRegex } from '../scalar/regex.ts';
import { isScalarType } from '../Table.ts';
import { convertTo, toLong, toText } from '../values/convert.ts';
import type { Value } from '../values/Value.ts';
import type { ScalarFunction } from './ScalarFunction.ts';

/** Functions that take a regular expression. Source: https://learn.microsoft.com/kusto/query/regex */
export const patternFunctions: Readonly<Record<string, ScalarFunction>> = {
  extract: ([pattern = null, group = null, source = null, type]) => {
    const match = compileRegex(toText(pattern)).exec(toText(source));
    const found = match?.[Number(toLong(group) ?? -1n)] ?? null;
    if (type === undefined) return found ?? '';
    return found === null ? null : convertTo(getType(toText(type)), found);
  },
  extract_all: ([pattern = null, source = null, ...rest]) => {
    if (rest.length > 0) throw new NotSimulatedError('extract_all() with chosen groups');
    return extractAll(toText(pattern), toText(source));
  },
  replace_regex: ([source = null, pattern = null, rewrite = null]) => {
    const template = toText(rewrite);
    return toText(source).replace(compileRegex(toText(pattern), 'g'), (...parts: unknown[]) =>
      template.replace(/\\(\d)/g, (_reference, group: string) => {
        const part = parts[Number(group)];
        return typeof part === 'string' ? part : '';
      }),
    );
  },
  trim: ([pattern = null, source = null]) =>
    trimEnd(toText(pattern), trimStart(toText(pattern), toText(source))),
  trim_start: ([pattern = null, source = null]) => trimStart(toText(pattern), toText(source)),
  trim_end: ([pattern = null, source = null]) => trimEnd(toText(pattern), toText(source)),
  countof: ([source = null, search = null, kind = 'normal']) => {
    if (toText(kind) === 'regex')
      return BigInt([...toText(source).matchAll(compileRegex(toText(search), 'g'))].length);
    return countOverlapping(toText(source), toText(search));
  },
};

function getType(name: string): Parameters<typeof convertTo>[0] {
  const type = aliases[name] ?? name;
  if (isScalarType(type)) return type;
  throw new NotSimulatedError(`the type ${name}`);
}

const aliases: Readonly<Record<string, string>> = {
  boolean: 'bool',
  double: 'real',
  date: 'datetime',
  time: 'timespan',
};

/** One group gives an array of strings, several an array of arrays. */
function extractAll(pattern: string, source: string): Value {
  const matches = [...source.matchAll(compileRegex(pattern, 'g'))];
  if (matches.length === 0) return null;
  return matches.map((match) => {
    const groups = match.slice(1).map((group: string | undefined) => group ?? '');
    if (groups.length === 0) throw new NotSimulatedError('extract_all() with an expression without groups');
    return groups.length === 1 ? (groups[0] ?? '') : groups;
  });
}

function trimStart(pattern: string, source: string): string {
  return source.replace(compileRegex(`^(?:${pattern})+`), '');
}

function trimEnd(pattern: string, source: string): string {
  return source.replace(compileRegex(`(?:${pattern})+$`), '');
}

function countOverlapping(source: string, search: string): Value {
  if (search === '') return 0n;
  let count = 0n;
  for (let at = source.indexOf(search); at !== -1; at = source.indexOf(search, at + 1)) count += 1n;
  return count;
}
