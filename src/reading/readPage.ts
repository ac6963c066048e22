import type { DefenderClient, DefenderRequest } from '../defender/DefenderClient.ts';
import { DefenderAnswerUnreadable } from '../defender/DefenderAnswerUnreadable.ts';
import { pageLimits, PageSplitter, type PageElement } from '../defender/PageSplitter.ts';
import { sha256 } from '../storage/keys.ts';
import { isRecord, type ServiceRecord } from './members.ts';

/** Far beyond any alert or incident; the answer to a caller has to hold many of them. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;

/** A record as it came. */
export interface PageRecord {
  readonly record: ServiceRecord;
  readonly bytes: number;
  /** The same for the same bytes. */
  readonly digest: () => string;
}

/** How a page ended. */
export interface PageEnd {
  /** Elements of any kind. */
  readonly count: number;
  readonly nextLink: string | undefined;
  /** The service left something out (206), or a record was too large to be taken. */
  readonly isPartial: boolean;
}

/**
 * Gives the records of one page one by one, in memory that follows a record and not the page.
 * @throws what `DefenderClient.send` throws, DefenderAnswerUnreadable
 */
export async function readPage(
  client: DefenderClient,
  request: DefenderRequest,
  observe: (found: PageRecord) => void,
): Promise<PageEnd> {
  const answer = await client.send(request);
  const splitter = new PageSplitter({ ...pageLimits, elementBytes: MAX_RECORD_BYTES });
  let count = 0;
  let isPartial = answer.status === 206;
  for await (const bytes of answer.body) {
    for (const element of splitter.push(bytes)) {
      count += 1;
      if (element.totalBytes > MAX_RECORD_BYTES) isPartial = true;
      else observeRecord(request.operation, element, observe);
    }
  }
  const nextLink = splitter.end()['@odata.nextLink'];
  return { count, nextLink: typeof nextLink === 'string' && nextLink ? nextLink : undefined, isPartial };
}

function observeRecord(
  operation: string,
  { bytes }: PageElement,
  observe: (found: PageRecord) => void,
): void {
  let record: unknown;
  try {
    record = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new DefenderAnswerUnreadable(operation, 'a record is not JSON');
  }
  if (isRecord(record)) observe({ record, bytes: bytes.length, digest: () => sha256(bytes) });
}
