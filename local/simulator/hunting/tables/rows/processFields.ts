import { createHash } from 'node:crypto';
import { ticksPerSecond } from '../../../clock/ticks.ts';
import { olderBy } from '../../../company/eventTimes.ts';
import { DateTime, type Value } from '../../kql/values/Value.ts';
import { linuxPrograms, windowsPrograms, type Program } from './programs.ts';
import type { RowFields } from './RowFields.ts';
import type { Moment } from './RowSource.ts';

/** The columns that every event of a device has. */
export function eventFields({ ticks, device, reportId }: Moment, actionType: string): RowFields {
  return {
    Timestamp: new DateTime(ticks),
    DeviceId: device.id,
    DeviceName: device.dnsName,
    ActionType: actionType,
    ReportId: reportId,
  };
}

/** A program of the kind that runs on the device. */
export function pickProgram({ random, isWindows }: Moment): Program {
  return random.pick(isWindows ? windowsPrograms : linuxPrograms);
}

/** The columns on a file. The same file has the same hashes on every device. */
export function fileFields(fileName: string, folder: string, separator: string): RowFields {
  const hash = (algorithm: string): string =>
    createHash(algorithm).update(`${folder}${separator}${fileName}`).digest('hex');
  return {
    FileName: fileName,
    FolderPath: `${folder}${separator}${fileName}`,
    SHA1: hash('sha1'),
    MD5: hash('md5'),
    FileSize: BigInt(20_000 + (Number.parseInt(hash('md5').slice(0, 6), 16) % 4_000_000)),
  };
}

/** The character between the parts of a path. */
export function separatorOf({ isWindows }: Moment): string {
  return isWindows ? '\\' : '/';
}

/** The account that the usual person of the device works with. */
export function accountFields({ device, domainName }: Moment): RowFields {
  const { accountName, sid, userPrincipalName, objectId } = device.user;
  return {
    AccountDomain: domainName,
    AccountName: accountName,
    AccountSid: sid,
    AccountUpn: userPrincipalName,
    AccountObjectId: objectId,
  };
}

/** The columns `InitiatingProcess...` for a program that the usual person of the device runs. */
export function initiatingProcessFields(moment: Moment, program: Program): RowFields {
  const { random, ticks } = moment;
  const separator = separatorOf(moment);
  const { FileName, FolderPath, SHA1, MD5, FileSize } = fileFields(
    program.fileName,
    program.folder,
    separator,
  );
  const created = olderBy(random, ticks, 1, 7200);
  const fields: RowFields = {
    ...accountFields(moment),
    ...versionFields(program),
    FileName: FileName ?? null,
    FolderPath: FolderPath ?? null,
    SHA1: SHA1 ?? null,
    MD5: MD5 ?? null,
    FileSize: FileSize ?? null,
    Id: BigInt(random.integer(400, 24_000)),
    CommandLine: random.pick(program.commandLines),
    CreationTime: new DateTime(created),
    IntegrityLevel: moment.isWindows ? random.pick(['Medium', 'Medium', 'High', 'System']) : '',
    TokenElevation: moment.isWindows ? 'TokenElevationTypeDefault' : 'None',
    ParentFileName: program.parent,
    ParentId: BigInt(random.integer(400, 24_000)),
    ParentCreationTime: new DateTime(created - BigInt(random.integer(1, 80_000)) * ticksPerSecond),
    SessionId: BigInt(random.integer(0, 2)),
    UniqueId: String(random.integer(1, 2 ** 31)),
  };
  return {
    ...withPrefix('InitiatingProcess', fields),
    IsInitiatingProcessRemoteSession: false,
  };
}

/** The version information of a program's file; Linux has none. */
export function versionFields({ company, product, fileName }: Program): RowFields {
  if (company === '') return {};
  return {
    VersionInfoCompanyName: company,
    VersionInfoProductName: product,
    VersionInfoProductVersion: '10.0.26100.1',
    VersionInfoInternalFileName: fileName.replace(/\.exe$/, ''),
    VersionInfoOriginalFileName: fileName.toUpperCase(),
    VersionInfoFileDescription: product,
  };
}

/** The same values under names that begin with `prefix`. */
export function withPrefix(prefix: string, fields: RowFields): RowFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]): [string, Value] => [`${prefix}${name}`, value]),
  );
}
