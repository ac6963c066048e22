import type { Call } from '../http/Call.ts';
import { parseTimespan } from '../hunting/parseTimespan.ts';
import type { TimeWindow } from '../hunting/tables/HuntingData.ts';
import { graphErrors, graphRefusal, type GraphRequestFacts } from './graphRefusal.ts';

/** What a hunting query is asked with. */
export interface HuntingBody {
  readonly query: string;
  readonly window: TimeWindow;
}

const known = ['query', 'timespan', 'workspaceid'];

/**
 * Reads `Query`, `Timespan` and `workspaceId`; throws a 400 refusal.
 *
 * The documentation writes `Query`, and `query` was seen to work, so the case of the names does not matter:
 * https://github.com/microsoftgraph/microsoft-graph-docs/issues/19954. An unknown workspace is passed over without a
 * word, as was seen too; there is none here.
 */
export function parseHuntingBody(call: Call, facts: GraphRequestFacts, nowTicks: bigint): HuntingBody {
  const refuse = (message: string): Error => graphRefusal(facts, graphErrors.badRequest(message));
  if (!/^application\/json\s*(?:;|$)/i.test(call.headers['content-type'] ?? '')) {
    throw refuse('The Content-Type of the request must be application/json.');
  }
  const parameters = new Map<string, unknown>();
  for (const [name, value] of Object.entries(parseObject(call.body, refuse))) {
    const plain = name.toLowerCase();
    if (!known.includes(plain)) throw refuse(`The parameter '${name}' is not one of the action.`);
    if (parameters.has(plain)) throw refuse(`The parameter '${name}' is given twice.`);
    if (value !== null && typeof value !== 'string')
      throw refuse(`The parameter '${name}' must be a string.`);
    parameters.set(plain, value);
  }
  const [query, timespan] = ['query', 'timespan'].map((name) => parameters.get(name));
  if (typeof query !== 'string' || query.trim() === '') throw refuse("The parameter 'Query' is missing.");
  if (typeof timespan !== 'string') return { query, window: {} };
  const window = parseTimespan(timespan, nowTicks);
  if (window === undefined) throw refuse(`The Timespan '${timespan}' is no ISO 8601 duration or interval.`);
  return { query, window };
}

function parseObject(text: string, refuse: (message: string) => Error): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('The body of the request is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('The body of the request must be a JSON object.');
  }
  return value;
}
