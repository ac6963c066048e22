const TIME_SPAN = /^(-?)(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;
const DAY_MS = 86_400_000;

/**
 * Milliseconds of a .NET time span as host.json writes it: `hh:mm`, `hh:mm:ss`, `hh:mm:ss.fff`, `d.hh:mm:ss`, or a
 * whole number of days. Undefined when the text is none of these (hours above 23 included: .NET would read
 * `24:00:00` as 24 days).
 */
export function parseTimeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^-?\d{1,8}$/.test(trimmed)) return Number(trimmed) * DAY_MS;
  const match = TIME_SPAN.exec(trimmed);
  if (match === null) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const ms =
    Number(days) * DAY_MS +
    Number(hours) * 3_600_000 +
    Number(minutes) * 60_000 +
    Number(seconds) * 1000 +
    Math.round(Number(`0.${fraction || '0'}`) * 1000);
  return sign === '-' ? -ms : ms;
}

/** `00:10:00` for 600,000 ms: how the host writes a time-out in a message. */
export function formatTimeSpan(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + fraction;
}
