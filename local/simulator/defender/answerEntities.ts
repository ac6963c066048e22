import type { Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { QueryOptions } from '../odata/parseQueryOptions.ts';
import type { Page } from '../odata/selectPage.ts';

/** Largest `$top` of the lists of Defender for Endpoint, and the page size when there is none. */
export const largestPage = 10_000;

/** One page of a collection. */
export interface CollectionPage<Row> {
  readonly call: Call;
  readonly options: QueryOptions;
  readonly page: Page<Row>;
  /** Absolute URL of the API, with its prefix: `https://host/api`. */
  readonly apiUrl: string;
  /** What follows `$metadata#`. */
  readonly entitySet: string;
  /** The path under `apiUrl`. */
  readonly path: string;
  readonly toText: (row: Row) => string;
  /** The page size when the query has no `$top`. @default `largestPage` */
  readonly pageSize?: number;
}

const contentType = 'application/json; odata.metadata=minimal';

/** A page as the service sends it; with `@odata.nextLink` when there is more and the query has no `$top`. */
export function answerCollection<Row>(collection: CollectionPage<Row>): Answer {
  const { call, options, page, apiUrl, path, pageSize = largestPage } = collection;
  const isPartial = call.partial === true;
  // A partial answer leaves out every third record, and at least the first one.
  const rows = isPartial ? page.rows.filter((_row, index) => index % 3 !== 0) : page.rows;
  const hasNextLink = page.hasMore && options.top === undefined;
  return {
    status: isPartial ? 206 : 200,
    headers: {
      'Content-Type': contentType,
      ...(isPartial ? { Warning: '199 - "A provider did not answer; the list is not complete."' } : {}),
    },
    body: writeList(
      collection,
      rows,
      hasNextLink ? toNextLink(`${apiUrl}/${path}`, call, options.skip + pageSize) : undefined,
    ),
  };
}

/** One entity; `text` is its JSON, `context` what follows `$metadata#`. */
export function answerEntity(status: number, apiUrl: string, context: string, text: string): Answer {
  const start = `{"@odata.context":${JSON.stringify(`${apiUrl}/$metadata#${context}`)},`;
  const body = text.startsWith('{') && text !== '{}' ? start + text.slice(1) : text;
  return { status, headers: { 'Content-Type': contentType }, body };
}

function toNextLink(url: string, call: Call, skip: number): string {
  const query = new URLSearchParams(call.query);
  query.set('$skip', String(skip));
  return `${url}?${query.toString()}`;
}

const pieceLength = 64 * 1024;

/** The JSON of a page in pieces of about 64 KiB: a page can have 100 MB. */
function* writeList<Row>(
  { apiUrl, entitySet, toText }: CollectionPage<Row>,
  rows: readonly Row[],
  nextLink: string | undefined,
): Iterable<string> {
  let piece = `{"@odata.context":${JSON.stringify(`${apiUrl}/$metadata#${entitySet}`)},"value":[`;
  let separator = '';
  for (const row of rows) {
    piece += separator + toText(row);
    separator = ',';
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  const tail = nextLink === undefined ? '' : `,"@odata.nextLink":${JSON.stringify(nextLink)}`;
  yield `${piece}]${tail}}`;
}
