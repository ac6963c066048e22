import { DateTime } from '../../kql/values/Value.ts';
import {
  accountFields,
  eventFields,
  fileFields,
  initiatingProcessFields,
  pickProgram,
  separatorOf,
  versionFields,
  withPrefix,
} from './processFields.ts';
import { linuxPrograms, windowsPrograms, type Program } from './programs.ts';
import type { RowFields } from './RowFields.ts';
import { listMoments, type Moment, type RowSource } from './RowSource.ts';

/** What happened on the devices: processes, network, files and logons. How much is made up. */
export const deviceEvents: Readonly<
  Record<'DeviceProcessEvents' | 'DeviceNetworkEvents' | 'DeviceFileEvents' | 'DeviceLogonEvents', RowSource>
> = {
  DeviceProcessEvents: (world) => listRows('process', 1200, world, describeProcess),
  DeviceNetworkEvents: (world) => listRows('network', 1000, world, describeConnection),
  DeviceFileEvents: (world) => listRows('file', 700, world, describeFile),
  DeviceLogonEvents: (world) => listRows('logon', 800, world, describeLogon),
};

function* listRows(
  name: string,
  count: number,
  world: Parameters<RowSource>[0],
  describe: (moment: Moment) => RowFields,
): Iterable<RowFields> {
  for (const moment of listMoments(name, count, world)) yield describe(moment);
}

function describeProcess(moment: Moment): RowFields {
  const { random, ticks, isWindows } = moment;
  const program = pickProgram(moment);
  return {
    ...eventFields(moment, 'ProcessCreated'),
    ...accountFields(moment),
    ...fileFields(program.fileName, program.folder, separatorOf(moment)),
    ...withPrefix('Process', versionFields(program)),
    ProcessId: BigInt(random.integer(400, 24_000)),
    ProcessCommandLine: random.pick(program.commandLines),
    ProcessCreationTime: new DateTime(ticks),
    ProcessIntegrityLevel: isWindows ? random.pick(['Medium', 'Medium', 'High', 'System']) : '',
    ProcessTokenElevation: isWindows ? 'TokenElevationTypeDefault' : 'None',
    LogonId: BigInt(random.integer(100_000, 9_000_000)),
    ...initiatingProcessFields(moment, findParent(program, isWindows)),
    InitiatingProcessSignerType: isWindows ? 'OsVendor' : '',
    InitiatingProcessSignatureStatus: isWindows ? 'Valid' : '',
    IsProcessRemoteSession: false,
    ProcessUniqueId: String(random.integer(1, 2 ** 31)),
  };
}

/** The program that starts another one; a system process when it is none of the listed. */
function findParent({ parent }: Program, isWindows: boolean): Program {
  const known = (isWindows ? windowsPrograms : linuxPrograms).find(({ fileName }) => fileName === parent);
  if (known !== undefined) return known;
  const folder = isWindows ? 'C:\\Windows\\System32' : '/usr/lib/systemd';
  return {
    fileName: parent,
    folder,
    company: isWindows ? 'Microsoft Corporation' : '',
    product: isWindows ? 'Microsoft® Windows® Operating System' : '',
    commandLines: [parent],
    parent: isWindows ? 'wininit.exe' : 'systemd',
  };
}

/** A host without a dot belongs to the company. */
const destinations = [
  { host: 'intranet', ip: '10.10.0.20', port: 443 },
  { host: 'files', ip: '10.10.0.31', port: 445 },
  { host: 'updates.example', ip: '198.51.100.14', port: 443 },
  { host: 'mail.example', ip: '198.51.100.25', port: 443 },
  { host: 'cdn-7f3a.example', ip: '203.0.113.77', port: 8443 },
] as const;

function describeConnection(moment: Moment): RowFields {
  const { random, localIp, dnsDomain } = moment;
  const { host, ip, port } = random.pick(destinations);
  return {
    ...eventFields(moment, random.isChance(0.9) ? 'ConnectionSuccess' : 'ConnectionFailed'),
    RemoteIP: ip,
    RemotePort: BigInt(port),
    RemoteUrl: host.includes('.') ? host : `${host}.${dnsDomain}`,
    LocalIP: localIp,
    LocalPort: BigInt(random.integer(49_152, 65_535)),
    Protocol: 'Tcp',
    LocalIPType: 'Private',
    RemoteIPType: ip.startsWith('10.') ? 'Private' : 'Public',
    ...initiatingProcessFields(moment, pickProgram(moment)),
  };
}

const fileNames = [
  'Offer.docx',
  'Fakturaer – mars.docm',
  'report.pdf',
  'update.exe',
  'tool.dll',
  'archive.zip',
];

function describeFile(moment: Moment): RowFields {
  const { random, device, isWindows } = moment;
  const { accountName } = device.user;
  const folder = isWindows ? `C:\\Users\\${accountName}\\Downloads` : `/home/${accountName}`;
  const actionType = random.pick([
    'FileCreated',
    'FileCreated',
    'FileModified',
    'FileRenamed',
    'FileDeleted',
  ]);
  const isRenamed = actionType === 'FileRenamed';
  const isDownloaded = actionType === 'FileCreated' && random.isChance(0.4);
  return {
    ...eventFields(moment, actionType),
    ...fileFields(random.pick(fileNames), folder, separatorOf(moment)),
    ...(isRenamed ? { PreviousFileName: 'new file.tmp', PreviousFolderPath: folder } : {}),
    ...(isDownloaded ? { FileOriginUrl: 'https://updates.example/list', FileOriginIP: '198.51.100.14' } : {}),
    RequestProtocol: 'Local',
    IsAzureInfoProtectionApplied: false,
    ...initiatingProcessFields(moment, pickProgram(moment)),
  };
}

function describeLogon(moment: Moment): RowFields {
  const { random, isWindows } = moment;
  const isFailed = random.isChance(0.12);
  const logonType = random.pick([
    'Interactive',
    'Network',
    'Network',
    'RemoteInteractive',
    'Service',
    'Batch',
  ]);
  const isRemote = logonType === 'Network' || logonType === 'RemoteInteractive';
  const isFromOutside = isRemote && random.isChance(0.05);
  const remoteIp = isFromOutside
    ? `203.0.113.${random.integer(1, 254)}`
    : `10.10.4.${random.integer(1, 254)}`;
  const { AccountDomain = '', AccountName = '', AccountSid = '' } = accountFields(moment);
  return {
    ...eventFields(moment, isFailed ? 'LogonFailed' : 'LogonSuccess'),
    LogonType: logonType,
    AccountDomain,
    AccountName,
    AccountSid,
    Protocol: isWindows ? random.pick(['Negotiate', 'Kerberos', 'NTLM']) : 'SSH',
    FailureReason: isFailed ? 'InvalidUserNameOrPassword' : '',
    IsLocalAdmin: isFailed ? null : random.isChance(0.15),
    LogonId: BigInt(random.integer(100_000, 9_000_000)),
    ...(isRemote
      ? {
          RemoteIP: remoteIp,
          RemoteIPType: isFromOutside ? 'Public' : 'Private',
          RemotePort: BigInt(random.integer(49_152, 65_535)),
        }
      : {}),
    ...initiatingProcessFields(
      moment,
      findParent({ ...anyProgram, parent: isWindows ? 'lsass.exe' : 'sshd' }, isWindows),
    ),
  };
}

const anyProgram: Program = {
  fileName: '',
  folder: '',
  company: '',
  product: '',
  commandLines: [''],
  parent: '',
};
