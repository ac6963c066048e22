import { LocalHostError } from './LocalHostError.ts';
import { parseConstraint, type RouteConstraint } from './routeConstraints.ts';

interface RouteParameter {
  name: string;
  isCatchAll: boolean;
  isOptional: boolean;
  fallback: string | undefined;
  constraints: RouteConstraint[];
}

interface RouteSegment {
  /** Literal text and parameters in their order; more than one part in `report-{id}.json`. */
  parts: (string | RouteParameter)[];
  pattern: RegExp;
}

/** A parsed route template such as `api/devices/{id:guid}/{action?}`. */
export interface RouteTemplate {
  readonly text: string;
  /** Smaller is more specific; compare with `compareSpecificity`. */
  readonly specificity: readonly number[];
  /** The parameters of a path (its segments, decoded), undefined when the path does not match. */
  match(segments: readonly string[]): Record<string, string> | undefined;
}

/**
 * Parses a route template as ASP.NET Core does: literals, `{id}`, `{id:guid}`, `{x?}`, `{x=default}`, `{*rest}`.
 *
 * Literals match without regard to case. Throws `LocalHostError` for a template the host would refuse.
 * Source: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
 */
export function parseRouteTemplate(text: string): RouteTemplate {
  const segments = text === '' ? [] : splitSegments(text).map((segment) => parseSegment(segment, text));
  checkParameters(segments, text);
  return {
    text,
    specificity: segments.map(specificityOf),
    match: (path) => matchPath(segments, path),
  };
}

/** Orders templates from most to least specific: literals before parameters, constrained before free ones. */
export function compareSpecificity(a: RouteTemplate, b: RouteTemplate): number {
  for (let index = 0; index < Math.max(a.specificity.length, b.specificity.length); index += 1) {
    const difference = (a.specificity[index] ?? 0) - (b.specificity[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

// A regex constraint may contain slashes and doubled braces, so a plain split would cut through it.
function splitSegments(text: string): string[] {
  const segments = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) segments.push('');
    else segments.push(`${segments.pop() ?? ''}${character}`);
  }
  if (depth !== 0) throw new LocalHostError(`The route template '${text}' has an unmatched brace.`);
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('')) {
    throw new LocalHostError(`The route template '${text}' must not contain '//' or start with '/'.`);
  }
  return segments;
}

function parseSegment(segment: string, template: string): RouteSegment {
  const parts: (string | RouteParameter)[] = [];
  let rest = segment;
  while (rest !== '') {
    const literal = /^[^{}]+/.exec(rest)?.[0];
    if (literal !== undefined) {
      parts.push(literal);
      rest = rest.slice(literal.length);
      continue;
    }
    const end = endOfParameter(rest);
    if (end === -1) throw new LocalHostError(`The route template '${template}' has an unmatched brace.`);
    parts.push(parseParameter(rest.slice(1, end), template));
    rest = rest.slice(end + 1);
  }
  const source = parts.map((part) => (typeof part === 'string' ? escapePattern(part) : '(.+)')).join('');
  return { parts, pattern: new RegExp(`^${source}$`, 'is') };
}

function escapePattern(literal: string): string {
  return literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function endOfParameter(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}

function parseParameter(text: string, template: string): RouteParameter {
  const match = /^(\*{0,2})([^:?=*{}/]+)((?::[^:(?=]+(?:\(.*?\))?(?=[:?=]|$))*)(\?)?(?:=(.*))?$/s.exec(text);
  if (match === null)
    throw new LocalHostError(`The route parameter '{${text}}' in '${template}' is not valid.`);
  const [, stars, name = '', constraints = '', optional, fallback] = match;
  // Braces inside a regex constraint are doubled.
  const texts = constraints.match(/:[^:(]+(?:\(.*?\)(?=:|$))?/gs) ?? [];
  return {
    name: name.trim(),
    isCatchAll: stars !== '',
    isOptional: optional !== undefined,
    fallback,
    constraints: texts.map((constraint) =>
      parseConstraint(constraint.slice(1).replaceAll('{{', '{').replaceAll('}}', '}')),
    ),
  };
}

function checkParameters(segments: readonly RouteSegment[], template: string): void {
  const names = segments.flatMap(({ parts }) =>
    parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name.toLowerCase()])),
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new LocalHostError(`The route template '${template}' names '${twice}' twice.`);
  const catchAll = segments.findIndex(({ parts }) =>
    parts.some((part) => typeof part !== 'string' && part.isCatchAll),
  );
  if (catchAll !== -1 && catchAll !== segments.length - 1) {
    throw new LocalHostError(
      `A catch-all parameter must be the last segment of the route template '${template}'.`,
    );
  }
}

function specificityOf({ parts }: RouteSegment): number {
  const [first] = parts;
  if (parts.length > 1) return 2;
  if (typeof first !== 'object') return 1;
  const constrained = first.constraints.length > 0;
  if (first.isCatchAll) return constrained ? 4 : 5;
  return constrained ? 2 : 3;
}

function matchPath(
  segments: readonly RouteSegment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, { parts, pattern }] of segments.entries()) {
    const [first] = parts;
    const single = parts.length === 1 && typeof first === 'object' ? first : undefined;
    if (single?.isCatchAll === true) {
      const rest = path.slice(index).join('/');
      return take(single, rest === '' ? single.fallback : rest, values) ? values : undefined;
    }
    const text = path[index];
    if (text === undefined) {
      const isAbsent = single !== undefined && (single.isOptional || single.fallback !== undefined);
      if (!isAbsent || !take(single, single.fallback, values)) return undefined;
      continue;
    }
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const parameters = parts.filter((part) => typeof part === 'object');
    if (!parameters.every((parameter, group) => take(parameter, match[group + 1], values))) return undefined;
  }
  return path.length > segments.length ? undefined : values;
}

// An absent value satisfies every constraint and is not handed to the function.
function take(parameter: RouteParameter, value: string | undefined, values: Record<string, string>): boolean {
  if (value === undefined) return true;
  values[parameter.name] = value;
  return parameter.constraints.every((isAcceptable) => isAcceptable(value));
}
