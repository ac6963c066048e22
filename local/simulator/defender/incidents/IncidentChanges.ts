import type { IncidentStatus } from './Incident.ts';

/** What people can set at an incident, in place of what follows from its alerts. */
export interface IncidentFields {
  readonly name?: string;
  readonly status?: IncidentStatus;
  readonly severity?: string;
  readonly classification?: string | null;
  readonly determination?: string | null;
  readonly assignedTo?: string | null;
  readonly tags?: readonly string[];
  readonly comments?: readonly IncidentComment[];
  /** The incident that this one was merged into. */
  readonly redirectIncidentId?: number | null;
}

/** A remark of an analyst. */
export interface IncidentComment {
  readonly comment: string;
  readonly createdBy: string;
  readonly createdTime: string;
}

/** All that people changed at one incident, and when they last did. */
export interface IncidentChange {
  readonly fields: IncidentFields;
  readonly atTicks: bigint;
}

/** What people did to the incidents of one tenant. */
export class IncidentChanges {
  readonly #changes = new Map<string, IncidentChange>();

  /** Changes an incident; what it does not name stays as it was changed before. */
  change(id: string, fields: IncidentFields, atTicks: bigint): void {
    this.#changes.set(id, { fields: { ...this.#changes.get(id)?.fields, ...fields }, atTicks });
  }

  find(id: string): IncidentChange | undefined {
    return this.#changes.get(id);
  }

  clear(): void {
    this.#changes.clear();
  }
}
