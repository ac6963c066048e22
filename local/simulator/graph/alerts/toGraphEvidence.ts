import type { AlertFields } from '../../defender/alerts/AlertVersion.ts';
import type { MachineFields, MachineStore } from '../../defender/machines/MachineStore.ts';
import { toMember } from '../enumerations.ts';

/**
 * The evidence of an alert: its device first, then what Defender for Endpoint lists, each with the type that Graph has for it.
 *
 * Source: https://learn.microsoft.com/graph/api/resources/security-alertevidence
 */
export function toGraphEvidence(alert: AlertFields, machines: MachineStore): readonly unknown[] {
  const machineId = typeof alert.machineId === 'string' ? alert.machineId : null;
  const items = Array.isArray(alert.evidence) ? (alert.evidence as readonly unknown[]) : [];
  return [
    ...(machineId === null ? [] : [toDevice(machineId, alert, machines.find(machineId)?.fields ?? {})]),
    ...items.flatMap((item) =>
      typeof item === 'object' && item !== null ? toItem(item as AlertFields, machineId) : [],
    ),
  ];
}

/** What every kind of evidence has. */
function toBase(type: string, createdDateTime: unknown): Readonly<Record<string, unknown>> {
  return {
    '@odata.type': `#microsoft.graph.security.${type}`,
    createdDateTime: createdDateTime ?? null,
    verdict: 'unknown',
    remediationStatus: 'none',
    remediationStatusDetails: null,
    roles: [],
    detailedRoles: [],
    tags: [],
  };
}

/** Source: https://learn.microsoft.com/graph/api/resources/security-deviceevidence */
function toDevice(mdeDeviceId: string, alert: AlertFields, machine: MachineFields): unknown {
  const addresses = Array.isArray(machine.ipAddresses)
    ? (machine.ipAddresses as readonly MachineFields[])
    : [];
  return {
    ...toBase('deviceEvidence', alert.alertCreationTime),
    firstSeenDateTime: machine.firstSeen ?? null,
    mdeDeviceId,
    azureAdDeviceId: machine.aadDeviceId ?? null,
    deviceDnsName: machine.computerDnsName ?? alert.computerDnsName ?? null,
    osPlatform: machine.osPlatform ?? null,
    osBuild: machine.osBuild ?? null,
    version: machine.version ?? null,
    healthStatus: toMember(machine.healthStatus, healthStatuses),
    riskScore: toMember(machine.riskScore, riskScores),
    rbacGroupId: machine.rbacGroupId ?? null,
    rbacGroupName: machine.rbacGroupName ?? alert.rbacGroupName ?? null,
    onboardingStatus: toMember(machine.onboardingStatus, onboardingStatuses),
    defenderAvStatus: 'unknown',
    ipInterfaces: addresses.map(({ ipAddress }) => ipAddress),
    vmMetadata: machine.vmMetadata ?? null,
    loggedOnUsers: toLoggedOnUsers(alert.relatedUser),
    roles: ['compromised'],
    tags: machine.machineTags ?? [],
  };
}

const healthStatuses = [
  'active',
  'inactive',
  'impairedCommunication',
  'noSensorData',
  'noSensorDataImpairedCommunication',
] as const;
const riskScores = ['none', 'informational', 'low', 'medium', 'high'] as const;
const onboardingStatuses = ['insufficientInfo', 'onboarded', 'canBeOnboarded', 'unsupported'] as const;
const detectionStatuses = ['detected', 'blocked', 'prevented'] as const;

function toLoggedOnUsers(relatedUser: unknown): readonly unknown[] {
  if (typeof relatedUser !== 'object' || relatedUser === null) return [];
  const { userName, domainName } = relatedUser as AlertFields;
  return [{ accountName: userName ?? null, domainName: domainName ?? null }];
}

type ItemWriter = (item: AlertFields, mdeDeviceId: string | null) => Readonly<Record<string, unknown>>;

/** By `entityType` of Defender for Endpoint; the first entry is the type in Graph. */
const writers: Readonly<Partial<Record<string, readonly [string, ItemWriter]>>> = {
  User: ['userEvidence', (item) => ({ userAccount: toUserAccount(item) })],
  Ip: ['ipEvidence', ({ ipAddress }) => ({ ipAddress, countryLetterCode: null })],
  Url: ['urlEvidence', ({ url }) => ({ url })],
  File: [
    'fileEvidence',
    (item, mdeDeviceId) => ({ ...toDetection(item, mdeDeviceId), fileDetails: toFileDetails(item) }),
  ],
  Process: [
    'processEvidence',
    (item, mdeDeviceId) => ({
      ...toDetection(item, mdeDeviceId),
      processId: item.processId,
      parentProcessId: item.parentProcessId,
      processCommandLine: item.processCommandLine,
      processCreationDateTime: item.processCreationTime,
      parentProcessCreationDateTime: item.parentProcessCreationTime,
      imageFile: toFileDetails(item),
      parentProcessImageFile: toFileDetails({
        fileName: item.parentProcessFileName,
        filePath: item.parentProcessFilePath,
      }),
      userAccount: null,
    }),
  ],
  Registry: [
    'registryValueEvidence',
    ({ registryKey, registryHive, registryValue, registryValueType }, mdeDeviceId) => ({
      mdeDeviceId,
      registryKey,
      registryHive,
      registryValue,
      registryValueName: null,
      registryValueType,
    }),
  ],
};

function toItem(item: AlertFields, mdeDeviceId: string | null): readonly unknown[] {
  const [type, write] = writers[String(item.entityType)] ?? [];
  if (type === undefined || write === undefined) return [];
  return [{ ...toBase(type, item.evidenceCreationTime), ...write(item, mdeDeviceId) }];
}

function toDetection({ detectionStatus }: AlertFields, mdeDeviceId: string | null): Record<string, unknown> {
  const member = toMember(detectionStatus, detectionStatuses);
  return { detectionStatus: member === 'unknown' ? null : member, mdeDeviceId };
}

function toUserAccount({
  accountName,
  domainName,
  userSid,
  aadUserId,
  userPrincipalName,
}: AlertFields): unknown {
  return {
    accountName,
    domainName,
    userSid,
    azureAdUserId: aadUserId,
    userPrincipalName,
    displayName: null,
  };
}

/** Source: https://learn.microsoft.com/graph/api/resources/security-filedetails */
function toFileDetails({ sha1, sha256, fileName, filePath }: AlertFields): unknown {
  return {
    sha1: sha1 ?? null,
    sha256: sha256 ?? null,
    fileName: fileName ?? null,
    filePath: filePath ?? null,
    fileSize: null,
    filePublisher: null,
    signer: null,
    issuer: null,
  };
}
