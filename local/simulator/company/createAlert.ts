import { dotNetEpochOffset, ticksPerSecond, toTimestamp, toUpdateTime } from '../clock/ticks.ts';
import { hashText } from '../random/hashText.ts';
import type { SeededRandom } from '../random/SeededRandom.ts';
import { alertKinds, type AlertKind } from './alertKinds.ts';
import type { Company, User } from './Company.ts';
import { createEvidence, type Evidence } from './createEvidence.ts';
import { olderBy } from './eventTimes.ts';

/** An alert as Defender for Endpoint sends it. Source: https://learn.microsoft.com/defender-endpoint/api/alerts */
export interface Alert {
  readonly id: string;
  readonly incidentId: number | null;
  readonly investigationId: number | null;
  readonly assignedTo: string | null;
  readonly severity: string;
  readonly status: string;
  readonly classification: string | null;
  readonly determination: string | null;
  readonly investigationState: string | null;
  readonly detectionSource: string;
  readonly detectorId: string | null;
  readonly category: string;
  readonly threatFamilyName: string | null;
  readonly title: string;
  readonly description: string;
  readonly alertCreationTime: string;
  readonly firstEventTime: string;
  readonly lastEventTime: string;
  readonly lastUpdateTime: string;
  readonly resolvedTime: string | null;
  readonly machineId: string;
  readonly computerDnsName: string | null;
  readonly rbacGroupName: string | null;
  readonly aadTenantId: string;
  readonly threatName: string | null;
  readonly mitreTechniques: readonly string[];
  readonly relatedUser: { readonly userName: string; readonly domainName: string } | null;
  readonly comments: readonly AlertComment[];
  readonly evidence: readonly Evidence[];
}

/** A remark of an analyst. */
export interface AlertComment {
  readonly comment: string;
  readonly createdBy: string;
  readonly createdTime: string;
}

/** What an alert is made from. */
export interface AlertOrder {
  readonly random: SeededRandom;
  readonly company: Company;
  /** When the record is written: `lastUpdateTime` is the last 1/300 s at or before it. */
  readonly writtenTicks: bigint;
  /** Default: one to four. */
  readonly evidenceItems?: number;
}

/** A new alert that was created a few seconds before it was written. */
export function createAlert({ random, company, writtenTicks, evidenceItems }: AlertOrder): Alert {
  const kind = random.pick(alertKinds);
  const device = random.pick(company.devices);
  const user = random.isChance(0.8) ? device.user : random.pick(company.users);
  const createdTicks = olderBy(random, writtenTicks, 1, 4);
  const lastEventTicks = olderBy(random, createdTicks, 5, 900);
  // Events can be weeks older than the alert about them.
  const firstEventTicks = olderBy(random, lastEventTicks, 0, random.isChance(0.05) ? 1_500_000 : 600);
  return {
    id: createId(random, createdTicks),
    incidentId: random.isChance(0.9) ? toIncidentId(company.tenantId, device.id, writtenTicks) : null,
    investigationId: random.isChance(0.4) ? random.integer(1000, 99_999) : null,
    assignedTo: null,
    severity: random.isChance(0.02) ? 'UnSpecified' : kind.severity,
    status: 'New',
    classification: null,
    determination: null,
    investigationState: random.pick(['Queued', 'Running', 'UnsupportedAlertType', 'UnsupportedOs', null]),
    detectionSource: kind.detectionSource,
    detectorId: random.isChance(0.7) ? random.guid() : null,
    category: kind.category,
    threatFamilyName: kind.threatFamilyName,
    title: kind.title,
    description: kind.description,
    alertCreationTime: toTimestamp(createdTicks),
    firstEventTime: toTimestamp(firstEventTicks),
    lastEventTime: toTimestamp(lastEventTicks),
    lastUpdateTime: toTimestamp(toUpdateTime(writtenTicks)),
    resolvedTime: null,
    machineId: device.id,
    computerDnsName: random.isChance(0.97) ? device.dnsName : null,
    rbacGroupName: random.isChance(0.95) ? device.groupName : null,
    aadTenantId: company.tenantId,
    threatName: kind.threatName,
    mitreTechniques: kind.techniques,
    relatedUser: random.isChance(0.7) ? { userName: user.accountName, domainName: company.domainName } : null,
    comments: [],
    evidence: createAllEvidence({ random, company, kind, user, addedTicks: writtenTicks, evidenceItems }),
  };
}

interface EvidenceOrder {
  readonly random: SeededRandom;
  readonly company: Company;
  readonly kind: AlertKind;
  readonly user: User;
  readonly addedTicks: bigint;
  readonly evidenceItems: number | undefined;
}

function createAllEvidence({ kind, evidenceItems, ...scene }: EvidenceOrder): readonly Evidence[] {
  const kinds =
    evidenceItems === undefined
      ? kind.evidence
      : Array.from({ length: evidenceItems }, () => scene.random.pick(kind.evidence));
  return kinds.map((one) => createEvidence(one, scene));
}

const incidentTicks = 6n * 3600n * ticksPerSecond;

/** What happens on one device in the same six hours belongs together, as far as this company's Defender can tell. */
function toIncidentId(tenantId: string, deviceId: string, ticks: bigint): number {
  return 1000 + (hashText(`incident ${tenantId} ${deviceId} ${ticks / incidentTicks}`) % 9_999_000);
}

/** `da`, the creation in .NET ticks, and a signed 32-bit number: the shape seen in real ids. */
function createId(random: SeededRandom, createdTicks: bigint): string {
  return `da${createdTicks + dotNetEpochOffset}_${random.integer(-(2 ** 31), 2 ** 31 - 1)}`;
}
