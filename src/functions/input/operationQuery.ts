import type { OperationQuery } from '../../operations/OperationStore.ts';
import { parseDurationMs } from '../../settings/settingTypes.ts';
import { InputInvalid } from '../../http/InputInvalid.ts';

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

function parseSince(text: string, now: number): number {
  const ageMs = parseDurationMs(text);
  if (ageMs !== undefined) return now - ageMs;
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(at)) {
    throw new InputInvalid([
      {
        target: 'query.since',
        message: 'must be an instant such as 2026-11-21T08:00:00Z or a duration such as PT48H',
      },
    ]);
  }
  return at;
}

/** Undefined when there is no next page. The instant is fixed, so that pages do not drift. */
export function toNextLink(
  baseUrl: string,
  { device, callerId, since, top }: OperationQuery,
  continuation: string | undefined,
): string | undefined {
  if (continuation === undefined) return undefined;
  const query = new URLSearchParams({
    ...(device === undefined ? {} : { device }),
    ...(callerId === undefined ? {} : { caller: callerId }),
    since: new Date(since).toISOString(),
    top: String(top),
    continuation,
  });
  return `${baseUrl}/api/operations?${query.toString()}`;
}
