/**
 * How long the service asks to wait, in milliseconds; undefined when it does not say so readably.
 *
 * The header holds seconds or an HTTP date (RFC 9110, 10.2.3). A date is compared with the service's own `Date`, because
 * the host's clock may differ.
 */
export function parseRetryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const until = Date.parse(value);
  const now = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(0, until - now);
}
