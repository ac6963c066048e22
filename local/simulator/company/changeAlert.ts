import { toTimestamp, toUpdateTime } from '../clock/ticks.ts';
import type { SeededRandom } from '../random/SeededRandom.ts';
import type { Company } from './Company.ts';
import type { Alert } from './createAlert.ts';
import { createEvidence } from './createEvidence.ts';

/** What an alert is changed with. */
export interface AlertChange {
  readonly random: SeededRandom;
  readonly company: Company;
  /** When the change is written. */
  readonly writtenTicks: bigint;
}

/** The properties that change when an analyst, or Defender itself, works on an alert; `lastUpdateTime` is among them. */
export function changeAlert(
  alert: Pick<Alert, 'comments' | 'evidence'>,
  change: AlertChange,
): Partial<Alert> {
  const { random, writtenTicks } = change;
  const kinds = [takeOver, resolve, comment, addEvidence];
  return {
    ...random.pick(kinds)(alert, change),
    lastUpdateTime: toTimestamp(toUpdateTime(writtenTicks)),
  };
}

type Changeable = Pick<Alert, 'comments' | 'evidence'>;

function takeOver(_alert: Changeable, { random, company }: AlertChange): Partial<Alert> {
  return { status: 'InProgress', assignedTo: random.pick(company.analysts).userPrincipalName };
}

function resolve(_alert: Changeable, { random, company, writtenTicks }: AlertChange): Partial<Alert> {
  const [classification, determination] = random.pick([
    ['TruePositive', 'Malware'],
    ['TruePositive', 'Phishing'],
    ['InformationalExpectedActivity', 'SecurityTesting'],
    ['FalsePositive', 'NotMalicious'],
    ['FalsePositive', 'InsufficientData'],
  ] as const);
  return {
    status: 'Resolved',
    assignedTo: random.pick(company.analysts).userPrincipalName,
    classification,
    determination,
    resolvedTime: toTimestamp(writtenTicks),
  };
}

function comment({ comments }: Changeable, { random, company, writtenTicks }: AlertChange): Partial<Alert> {
  const added = {
    comment: random.pick(['Called the user.', 'Waiting for the file.', 'Same as last week, see incident.']),
    createdBy: random.pick(company.analysts).userPrincipalName,
    createdTime: toTimestamp(writtenTicks),
  };
  return { comments: [...comments, added] };
}

function addEvidence({ evidence }: Changeable, change: AlertChange): Partial<Alert> {
  const { random, company, writtenTicks } = change;
  const user = random.pick(company.users);
  const added = createEvidence(random.pick(['File', 'Process', 'Ip']), {
    random,
    company,
    user,
    addedTicks: writtenTicks,
  });
  return { evidence: [...evidence, added], lastEventTime: toTimestamp(writtenTicks) };
}
