/** The milliseconds that an answer asks to wait, from seconds or an HTTP date; undefined when it does not say. */
export function findRetryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const dateMs = Date.parse(value);
  if (Number.isNaN(dateMs)) return undefined;
  // The service's clock, because the client's time may be made up.
  const serviceNowMs = Date.parse(headers.date ?? '');
  return Math.max(0, dateMs - (Number.isNaN(serviceNowMs) ? nowMs : serviceNowMs));
}
