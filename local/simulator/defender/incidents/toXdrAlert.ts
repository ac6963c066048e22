import type { AlertFields } from '../alerts/AlertVersion.ts';
import type { MachineStore } from '../machines/MachineStore.ts';

/** `serviceSource` by `detectionSource`, as far as samples show it; all else comes from Defender for Endpoint. */
const services: Readonly<Record<string, string>> = {
  OfficeATP: 'OfficeATP',
  MCAS: 'MicrosoftCloudAppSecurity',
};

/** An alert inside an incident of Defender XDR. Source: https://learn.microsoft.com/defender-xdr/api-list-incidents#alerts-metadata */
export function toXdrAlert(
  alert: AlertFields,
  incidentId: string,
  machines: MachineStore,
): Readonly<Record<string, unknown>> {
  const machineId = typeof alert.machineId === 'string' ? alert.machineId : null;
  const of = (property: string): unknown => alert[property] ?? null;
  return {
    alertId: of('id'),
    incidentId: Number(incidentId),
    serviceSource: services[String(alert.detectionSource)] ?? 'MicrosoftDefenderATP',
    creationTime: of('alertCreationTime'),
    lastUpdatedTime: of('lastUpdateTime'),
    resolvedTime: of('resolvedTime'),
    firstActivity: of('firstEventTime'),
    lastActivity: of('lastEventTime'),
    title: of('title'),
    description: of('description'),
    category: of('category'),
    status: of('status'),
    severity: of('severity'),
    investigationId: of('investigationId'),
    investigationState: of('investigationState'),
    classification: of('classification'),
    determination: of('determination'),
    detectionSource: of('detectionSource'),
    assignedTo: of('assignedTo'),
    actorName: null,
    threatFamilyName: of('threatFamilyName'),
    mitreTechniques: of('mitreTechniques'),
    devices: machineId === null ? [] : [toDevice(machineId, alert, machines)],
    entities: toEntities(alert.evidence, machineId),
  };
}

/** The table of the documentation calls the id `DeviceId`, its sample `mdatpDeviceId`. */
function toDevice(machineId: string, alert: AlertFields, machines: MachineStore): unknown {
  const machine = machines.find(machineId)?.fields ?? {};
  return {
    mdatpDeviceId: machineId,
    aadDeviceId: machine.aadDeviceId ?? null,
    deviceDnsName: machine.computerDnsName ?? alert.computerDnsName ?? null,
    osPlatform: machine.osPlatform ?? null,
    version: machine.version ?? null,
    osProcessor: machine.osProcessor ?? null,
    osBuild: machine.osBuild ?? null,
    healthStatus: machine.healthStatus ?? null,
    riskScore: machine.riskScore ?? null,
    rbacGroupName: machine.rbacGroupName ?? alert.rbacGroupName ?? null,
    rbacGroupId: machine.rbacGroupId ?? null,
    firstSeen: machine.firstSeen ?? null,
  };
}

/** Properties in the order of the documentation's sample; null where a kind of entity has none. */
const entityProperties = [
  'entityType',
  'sha1',
  'sha256',
  'fileName',
  'filePath',
  'processId',
  'processCommandLine',
  'processCreationTime',
  'parentProcessId',
  'parentProcessCreationTime',
  'ipAddress',
  'url',
  'accountName',
  'domainName',
  'userSid',
  'aadUserId',
  'userPrincipalName',
  'mailboxDisplayName',
  'mailboxAddress',
  'clusterBy',
  'sender',
  'recipient',
  'subject',
  'deliveryAction',
  'securityGroupId',
  'securityGroupName',
  'registryHive',
  'registryKey',
  'registryValueType',
  'registryValue',
] as const;

/** In the sample, files and the like name their device; people and addresses do not. */
const withoutDevice: readonly unknown[] = ['User', 'Ip', 'Url'];

function toEntities(evidence: unknown, deviceId: string | null): readonly unknown[] {
  if (!Array.isArray(evidence)) return [];
  return evidence.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return [];
    const fields = item as AlertFields;
    const entity = Object.fromEntries(entityProperties.map((name) => [name, fields[name] ?? null]));
    return [{ ...entity, deviceId: withoutDevice.includes(fields.entityType) ? null : deviceId }];
  });
}
