import { writeObject } from '../../http/RawJson.ts';
import { toComparables, type Comparables } from '../../odata/toComparables.ts';
import { alertProperties } from './alertRules.ts';

/** The properties of an alert as they are sent. Values are JSON values, or `RawJson` at the top level. */
export type AlertFields = Readonly<Record<string, unknown>>;

/** An alert as it stands from one change to the next. */
export interface AlertVersion {
  readonly fields: AlertFields;
  /** Sent instead of the fields. */
  readonly raw?: string;
  /** When queries start to see it, in ticks; later than the change when it is indexed late. */
  readonly visibleFrom: bigint;
  /** What queries compare. */
  readonly comparable: Comparables;
}

/** Prepares fields for storing. */
export function createAlertVersion(fields: AlertFields, visibleFrom: bigint, raw?: string): AlertVersion {
  return {
    fields,
    visibleFrom,
    comparable: toComparables(fields, alertProperties),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** The JSON text of an alert; without `$expand=evidence` the service sends an empty list. */
export function toAlertJson({ fields, raw }: AlertVersion, isEvidenceExpanded: boolean): string {
  if (raw !== undefined) return raw;
  return writeObject(
    isEvidenceExpanded || !Object.hasOwn(fields, 'evidence') ? fields : { ...fields, evidence: [] },
  );
}
