/**
 * The enumerations of Graph's alerts and incidents, from words of Defender for Endpoint.
 *
 * Source: https://learn.microsoft.com/graph/api/resources/security-alert
 */

/** `alertSeverity`. */
export const graphSeverities = ['unknown', 'informational', 'low', 'medium', 'high'] as const;

/** `alertStatus`. */
export const graphAlertStatuses = ['unknown', 'new', 'inProgress', 'resolved'] as const;

/** `incidentStatus`. Source: https://learn.microsoft.com/graph/api/resources/security-incident#incidentstatus-values */
export const graphIncidentStatuses = [
  'active',
  'resolved',
  'inProgress',
  'redirected',
  'awaitingAction',
] as const;

/** `alertClassification`. */
export const graphClassifications = [
  'unknown',
  'falsePositive',
  'truePositive',
  'informationalExpectedActivity',
] as const;

/** `alertDetermination`. */
export const graphDeterminations = [
  'unknown',
  'apt',
  'malware',
  'securityPersonnel',
  'securityTesting',
  'unwantedSoftware',
  'other',
  'multiStagedAttack',
  'compromisedUser',
  'phishing',
  'maliciousUserActivity',
  'clean',
  'insufficientData',
  'confirmedUserActivity',
  'lineOfBusinessApplication',
] as const;

/** `serviceSource`. */
export const graphServiceSources = [
  'unknown',
  'microsoftDefenderForEndpoint',
  'microsoftDefenderForIdentity',
  'microsoftDefenderForCloudApps',
  'microsoftDefenderForOffice365',
  'microsoft365Defender',
  'azureAdIdentityProtection',
  'microsoftAppGovernance',
  'dataLossPrevention',
  'microsoftDefenderForCloud',
] as const;

/** Words that are not the same but for the first letter. */
const otherWords: Readonly<Partial<Record<string, string>>> = {
  UnSpecified: 'unknown',
  NotMalicious: 'clean',
  CompromisedAccount: 'compromisedUser',
  ConfirmedActivity: 'confirmedUserActivity',
};

/** The member that a word of Defender for Endpoint stands for; `unknown` when there is none. */
export function toMember<Member extends string>(
  word: unknown,
  members: readonly Member[],
): Member | 'unknown' {
  if (typeof word !== 'string') return 'unknown';
  const name = otherWords[word] ?? `${word.charAt(0).toLowerCase()}${word.slice(1)}`;
  return members.find((member) => member === name) ?? 'unknown';
}

/** What detects, and for which service, by `detectionSource` of Defender for Endpoint; all names were seen in real alerts. */
const detections: Readonly<
  Partial<Record<string, readonly [detectionSource: string, serviceSource: string]>>
> = {
  WindowsDefenderAv: ['antivirus', 'microsoftDefenderForEndpoint'],
  WindowsDefenderAtp: ['microsoftDefenderForEndpoint', 'microsoftDefenderForEndpoint'],
  WindowsDefenderSmartScreen: ['smartScreen', 'microsoftDefenderForEndpoint'],
  CustomerTI: ['customTi', 'microsoftDefenderForEndpoint'],
  CustomDetection: ['customDetection', 'microsoftDefenderForEndpoint'],
  AutomatedInvestigation: ['automatedInvestigation', 'microsoftDefenderForEndpoint'],
  ThreatExperts: ['microsoftThreatExperts', 'microsoftDefenderForEndpoint'],
  OfficeATP: ['microsoftDefenderForOffice365', 'microsoftDefenderForOffice365'],
  MTP: ['microsoft365Defender', 'microsoft365Defender'],
  MCAS: ['cloudAppSecurity', 'microsoftDefenderForCloudApps'],
  AzureATP: ['microsoftDefenderForIdentity', 'microsoftDefenderForIdentity'],
};

/** `detectionSource` and `serviceSource` of Graph. */
export function toSources(detectionSource: unknown): {
  readonly detectionSource: string;
  readonly serviceSource: string;
} {
  const [detection, service] = detections[String(detectionSource)] ?? ['unknown', 'unknown'];
  return { detectionSource: detection, serviceSource: service };
}
