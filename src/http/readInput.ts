import type { HttpRequest } from '@azure/functions';
import { BodyTooLarge } from './BodyTooLarge.ts';
import { findFaults } from './checkSchema.ts';
import { ContentTypeUnsupported } from './ContentTypeUnsupported.ts';
import type { Endpoint, Parameter } from './Endpoint.ts';
import { InputInvalid, type InputFault } from './InputInvalid.ts';
import { readRequestKey, type RequestKey } from './requestKey.ts';
import { requestSchemas } from './requestSchemas.ts';
import type { Schema } from './schema.ts';

/** The largest body that any request needs, with room for a long query in several bytes a character. */
const MAX_BODY_BYTES = 512 * 1024;

/** More than an honest request has; the answer and the log stay of a bearable size. */
const MAX_FAULTS = 50;

/** What a caller sent, checked against the endpoint's schemas. */
export interface Input {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** By what a repetition is recognised; there for every endpoint that needs it. */
  readonly key: RequestKey | undefined;
}

/**
 * @param ignored names in the query that belong to the host, not to the endpoint.
 * @throws InputInvalid naming every fault (the first 50), ContentTypeUnsupported, BodyTooLarge
 */
export async function readInput(
  endpoint: Endpoint,
  request: HttpRequest,
  ignored: readonly string[] = [],
): Promise<Input> {
  const path = { ...request.params };
  const query = readQuery(endpoint, request.query, ignored);
  const { body, faults } = await readBody(endpoint, request);
  const key = endpoint.isIdempotent ? readRequestKey(request.headers) : undefined;
  const all = [
    ...findFaults(path, parameterSchema(endpoint, 'path'), 'path'),
    ...findFaults(query, parameterSchema(endpoint, 'query'), 'query'),
    ...faults,
    ...(key && 'target' in key ? [key] : []),
    ...(endpoint.isIdempotent && !key && query.dryRun !== true ? [KEY_MISSING] : []),
  ];
  if (all.length > 0) throw new InputInvalid(all.slice(0, MAX_FAULTS));
  return { path, query, body, key: key && 'target' in key ? undefined : key };
}

function readQuery(
  { parameters }: Endpoint,
  query: HttpRequest['query'],
  ignored: readonly string[],
): Record<string, unknown> {
  const schemas = new Map(parameters.map(({ name, schema }) => [name, schema]));
  const given = [...query].filter(([name]) => !ignored.includes(name));
  return Object.fromEntries(given.map(([name, text]) => [name, toTyped(text, schemas.get(name))]));
}

/**
 * The boolean, whole number or known word that a text of the query stands for; in which case a word is written does not
 * matter, as Defender's APIs differ in that. Anything else stays a text, which is a fault then.
 * Ajv's own conversion is wider: it takes `Infinity` for a whole number that keeps every limit.
 */
function toTyped(text: string, { type, enum: words = [] }: Schema = {}): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  return words.find((word) => String(word).toLowerCase() === text.toLowerCase()) ?? text;
}

const KEY_MISSING: InputFault = {
  target: 'header.Idempotency-Key',
  message: 'is missing, and so are the headers by which a run of Logic Apps is known',
};

const parameterSchemas = new Map<readonly Parameter[], Map<string, Schema>>();

function parameterSchema({ parameters }: Endpoint, place: 'path' | 'query'): Schema {
  const known = parameterSchemas.get(parameters) ?? new Map<string, Schema>();
  parameterSchemas.set(parameters, known);
  const here = parameters.filter((parameter) => parameter.in === place);
  const schema: Schema = known.get(place) ?? {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(here.map(({ name, schema: its }) => [name, its])),
  };
  known.set(place, schema);
  return schema;
}

async function readBody(
  endpoint: Endpoint,
  request: HttpRequest,
): Promise<{ body: Record<string, unknown>; faults: InputFault[] }> {
  if (endpoint.body === undefined) return { body: {}, faults: [] };
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) throw new BodyTooLarge(MAX_BODY_BYTES);
  const text = await request.text();
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) throw new BodyTooLarge(MAX_BODY_BYTES);
  if (!/^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new ContentTypeUnsupported();
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { body: {}, faults: [{ target: 'body', message: 'is not JSON' }] };
  }
  const faults = findFaults(body, requestSchemas[endpoint.body], 'body');
  return { body: body as Record<string, unknown>, faults };
}
