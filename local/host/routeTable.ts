import type { HostFunction, HttpDetails } from './functionTable.ts';
import { compareSpecificity } from './routeTemplate.ts';

/** A function that answers a request, with its route parameters. */
export interface RouteMatch {
  fn: HostFunction;
  http: HttpDetails;
  params: Record<string, string>;
}

/** Finds the function for a method and a path. */
export type FindRoute = (method: string, path: string) => RouteMatch | undefined;

/**
 * The routes of all HTTP functions, the most specific first.
 *
 * A path segment is decoded, except that `%2F` stays as it is. A method that a route does not list is no match, so
 * the answer to it is 404 and not 405; HEAD and OPTIONS are no exceptions.
 */
export function createRouteTable(functions: readonly HostFunction[]): FindRoute {
  const routes = functions
    .flatMap((fn) => (fn.details.kind === 'http' && !fn.disabled ? [{ fn, http: fn.details }] : []))
    .sort((a, b) => compareSpecificity(a.http.route, b.http.route));
  return (method, path) => {
    const segments = toSegments(path);
    for (const { fn, http } of routes) {
      if (http.methods.length > 0 && !http.methods.includes(method)) continue;
      const params = http.route.match(segments);
      if (params !== undefined) return { fn, http, params };
    }
    return undefined;
  };
}

function toSegments(path: string): string[] {
  const segments = path.replace(/^\//, '').split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments.map(decodeSegment);
}

function decodeSegment(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((part, index) => (index % 2 === 1 ? part : decode(part)))
    .join('');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
