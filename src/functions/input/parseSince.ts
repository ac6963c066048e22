import { InputInvalid } from '../../http/InputInvalid.ts';
import { parseDurationMs } from '../../settings/settingTypes.ts';

/**
 * The instant that `?since=` names, by itself or as how long ago; milliseconds since the Unix epoch, and never before it.
 * @throws InputInvalid when it is neither an instant nor a duration.
 */
export function parseSince(text: string, now: number): number {
  const ageMs = parseDurationMs(text);
  if (ageMs !== undefined) return Math.max(0, now - ageMs);
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
  return Math.max(0, at);
}
