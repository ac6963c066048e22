import type { Answer } from '../http/Answer.ts';
import { ODataError, ODataNotSimulatedError } from '../odata/ODataError.ts';
import { parseQueryOptions, type CollectionRules, type QueryOptions } from '../odata/parseQueryOptions.ts';
import type { Page } from '../odata/selectPage.ts';
import { toSkipToken } from '../odata/skipToken.ts';
import type { GraphContext } from './GraphOperation.ts';
import { graphErrors, graphRefusal, idHeaders } from './graphRefusal.ts';

/** Parses the query of a list call; throws a 400 or 501 refusal. */
export function parseGraphQuery({ call, facts }: GraphContext, rules: CollectionRules): QueryOptions {
  try {
    return parseQueryOptions(call.query, rules);
  } catch (error) {
    if (error instanceof ODataError) throw graphRefusal(facts, graphErrors.badRequest(error.message));
    if (error instanceof ODataNotSimulatedError)
      throw graphRefusal(facts, graphErrors.notSimulated(error.message));
    throw error;
  }
}

/** One page of a collection. */
export interface GraphPage<Row> {
  readonly options: QueryOptions;
  readonly page: Page<Row>;
  /** The path under the version: `security/incidents`. */
  readonly path: string;
  /** What follows `$metadata#`. */
  readonly entitySet: string;
  readonly toText: (row: Row) => string;
}

const contentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/**
 * A page as Graph sends it; with `@odata.nextLink` when there is more.
 *
 * Source: https://learn.microsoft.com/graph/paging
 */
export function answerGraphPage<Row>(context: GraphContext, collection: GraphPage<Row>): Answer {
  const { call, facts } = context;
  const isPartial = call.partial === true;
  return {
    status: isPartial ? 206 : 200,
    headers: {
      'Content-Type': contentType,
      ...idHeaders(facts),
      // The form: https://learn.microsoft.com/graph/api/resources/security-error-codes
      ...(isPartial ? { Warning: '199 - "Microsoft/Microsoft Defender for Endpoint/504/10000"' } : {}),
    },
    body: writePage(context, collection),
  };
}

/** One entity; `text` is its JSON, `entitySet` what follows `$metadata#`. */
export function answerGraphEntity({ facts, apiUrl }: GraphContext, entitySet: string, text: string): Answer {
  const start = `{"@odata.context":${JSON.stringify(`${apiUrl}/$metadata#${entitySet}/$entity`)},`;
  return {
    status: 200,
    headers: { 'Content-Type': contentType, ...idHeaders(facts) },
    body: start + text.slice(1),
  };
}

function* writePage<Row>(
  { call, apiUrl }: GraphContext,
  { options, page, path, entitySet, toText }: GraphPage<Row>,
): Iterable<string> {
  // A partial answer leaves out every third record, and at least the first one.
  const rows = call.partial === true ? page.rows.filter((_row, index) => index % 3 !== 0) : page.rows;
  yield `{"@odata.context":${JSON.stringify(`${apiUrl}/$metadata#${entitySet}`)}`;
  if (options.isCounted) yield `,"@odata.count":${page.total}`;
  if (page.hasMore) {
    const nextLink = toNextLink(`${apiUrl}/${path}`, call.query, options.skip + page.rows.length);
    yield `,"@odata.nextLink":${JSON.stringify(nextLink)}`;
  }
  yield ',"value":[';
  for (const [index, row] of rows.entries()) yield (index === 0 ? '' : ',') + toText(row);
  yield ']}';
}

function toNextLink(url: string, asked: URLSearchParams, skip: number): string {
  const query = new URLSearchParams(asked);
  query.delete('$skip');
  query.set('$skiptoken', toSkipToken(skip));
  return `${url}?${query.toString()}`;
}
