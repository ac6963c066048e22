import type { OperationQuery } from '../../operations/OperationStore.ts';
import { parseSince } from './parseSince.ts';

/** @throws InputInvalid when `since` is neither an instant nor a duration. */
export function toOperationQuery(query: Readonly<Record<string, unknown>>, now: number): OperationQuery {
  const { device, caller, since, top, continuation } = query as {
    device?: string;
    caller?: string;
    since: string;
    top: number;
    continuation?: string;
  };
  return {
    device: device?.toLowerCase(),
    callerId: caller?.toLowerCase(),
    since: parseSince(since, now),
    top,
    continuation,
  };
}

/** Undefined when there is no next page. The instant is fixed, so that pages do not drift. */
export function toNextLink(
  baseUrl: string,
  { device, callerId, since, top }: OperationQuery,
  tenant: string | undefined,
  continuation: string | undefined,
): string | undefined {
  if (continuation === undefined) return undefined;
  const query = new URLSearchParams({
    ...(device === undefined ? {} : { device }),
    ...(callerId === undefined ? {} : { caller: callerId }),
    ...(tenant === undefined ? {} : { tenant }),
    since: new Date(since).toISOString(),
    top: String(top),
    continuation,
  });
  return `${baseUrl}/api/operations?${query.toString()}`;
}
