import { findVisible } from '../../../defender/alerts/AlertStore.ts';
import type { AlertFields } from '../../../defender/alerts/AlertVersion.ts';
import { toDateTime } from '../../kql/values/convert.ts';
import { textOf, type RowFields } from './RowFields.ts';
import type { HuntingWorld, RowSource } from './RowSource.ts';

/** Alerts and their evidence, from the alerts that Defender's API shows at this moment. */
export const alertRecords: Readonly<Record<'AlertInfo' | 'AlertEvidence', RowSource>> = {
  AlertInfo: function* (world) {
    for (const fields of listAlerts(world)) {
      const { Title, Severity, ServiceSource, DetectionSource, AttackTechniques, AlertId } =
        commonFields(fields);
      yield {
        Timestamp: toDateTime(textOf(fields.alertCreationTime)),
        AlertId: AlertId ?? null,
        Title: Title ?? null,
        Category: textOf(fields.category),
        Severity: Severity ?? null,
        ServiceSource: ServiceSource ?? null,
        DetectionSource: DetectionSource ?? null,
        AttackTechniques: AttackTechniques ?? null,
      };
    }
  },
  AlertEvidence: function* (world) {
    for (const fields of listAlerts(world)) {
      const common = { ...commonFields(fields), Timestamp: toDateTime(textOf(fields.alertCreationTime)) };
      // The device itself is evidence of every alert.
      yield { ...common, EntityType: 'Machine', EvidenceRole: 'Impacted' };
      const evidence = Array.isArray(fields.evidence) ? (fields.evidence as readonly unknown[]) : [];
      for (const item of evidence) {
        if (typeof item !== 'object' || item === null) continue;
        yield { ...common, ...describeEvidence(item as AlertFields) };
      }
    }
  },
};

function* listAlerts({ alerts, nowTicks }: HuntingWorld): Iterable<AlertFields> {
  for (const alert of alerts.list()) {
    const version = findVisible(alert, nowTicks);
    if (version !== undefined) yield version.fields;
  }
}

function commonFields(fields: AlertFields): RowFields {
  const techniques = Array.isArray(fields.mitreTechniques) ? fields.mitreTechniques : [];
  return {
    AlertId: textOf(fields.id),
    Title: textOf(fields.title),
    Categories: JSON.stringify([textOf(fields.category)]),
    Severity: textOf(fields.severity),
    ServiceSource: 'Microsoft Defender for Endpoint',
    DetectionSource: textOf(fields.detectionSource),
    AttackTechniques: techniques.length === 0 ? '' : JSON.stringify(techniques),
    DeviceId: textOf(fields.machineId),
    DeviceName: textOf(fields.computerDnsName),
  };
}

function describeEvidence(item: AlertFields): RowFields {
  const isRegistry = item.entityType === 'Registry';
  return {
    EntityType: textOf(item.entityType),
    EvidenceRole: 'Related',
    FileName: textOf(item.fileName),
    FolderPath: textOf(item.filePath),
    SHA1: textOf(item.sha1),
    SHA256: textOf(item.sha256),
    RemoteIP: textOf(item.ipAddress),
    RemoteUrl: textOf(item.url),
    AccountName: textOf(item.accountName),
    AccountDomain: textOf(item.domainName),
    AccountSid: textOf(item.userSid),
    AccountObjectId: textOf(item.aadUserId),
    AccountUpn: textOf(item.userPrincipalName),
    ProcessCommandLine: textOf(item.processCommandLine),
    RegistryKey: isRegistry ? `${textOf(item.registryHive)}\\${textOf(item.registryKey)}` : '',
    RegistryValueData: textOf(item.registryValue),
  };
}
