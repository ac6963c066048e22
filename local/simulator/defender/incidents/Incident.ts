import type { AlertFields } from '../alerts/AlertVersion.ts';
import type { IncidentComment } from './IncidentChanges.ts';

/** The states of an incident. Source: https://learn.microsoft.com/defender-xdr/api-incident#common-properties */
export const incidentStatuses = ['Active', 'InProgress', 'Resolved', 'Redirected'] as const;

/** One of `incidentStatuses`. */
export type IncidentStatus = (typeof incidentStatuses)[number];

/** Alerts that belong together, as they stand at one instant. Words are those of Defender for Endpoint. */
export interface Incident {
  /** A whole number. */
  readonly id: string;
  readonly name: string;
  readonly status: IncidentStatus;
  readonly severity: string;
  readonly classification: string | null;
  readonly determination: string | null;
  readonly assignedTo: string | null;
  readonly tags: readonly string[];
  readonly comments: readonly IncidentComment[];
  readonly redirectIncidentId: number | null;
  readonly createdTicks: bigint;
  readonly updatedTicks: bigint;
  /** Its alerts that the caller may see, oldest first. */
  readonly alerts: readonly AlertFields[];
}
