import { toTimestamp, toUpdateTime } from '../clock/ticks.ts';
import type { SeededRandom } from '../random/SeededRandom.ts';
import type { EvidenceKind } from './alertKinds.ts';
import type { Company, User } from './Company.ts';
import { olderBy } from './eventTimes.ts';

/** An item of `evidence`: every documented property, null where the kind has none. */
export type Evidence = Readonly<Record<keyof typeof emptyEvidence, string | number | null>>;

/** Source: https://learn.microsoft.com/defender-endpoint/api/alerts */
const emptyEvidence = {
  entityType: null,
  evidenceCreationTime: null,
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  processId: null,
  processCommandLine: null,
  processCreationTime: null,
  parentProcessId: null,
  parentProcessCreationTime: null,
  parentProcessFileName: null,
  parentProcessFilePath: null,
  ipAddress: null,
  url: null,
  registryKey: null,
  registryHive: null,
  registryValueType: null,
  registryValue: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  detectionStatus: null,
};

/** Where the evidence was found. */
export interface EvidenceScene {
  readonly random: SeededRandom;
  readonly company: Company;
  readonly user: User;
  /** When the item was added, in ticks. */
  readonly addedTicks: bigint;
}

/** One item of this kind. */
export function createEvidence(kind: EvidenceKind, scene: EvidenceScene): Evidence {
  return {
    ...emptyEvidence,
    entityType: kind,
    evidenceCreationTime: toTimestamp(toUpdateTime(scene.addedTicks)),
    ...describe[kind](scene),
  };
}

const describe: Readonly<Record<EvidenceKind, (scene: EvidenceScene) => Partial<Evidence>>> = {
  User: ({ user, company }) => ({
    accountName: user.accountName,
    domainName: company.domainName,
    userSid: user.sid,
    aadUserId: user.objectId,
    userPrincipalName: user.userPrincipalName,
  }),
  Process: (scene) => ({
    ...describeFile(scene),
    processId: scene.random.integer(400, 24_000),
    processCommandLine: scene.random.pick(commandLines),
    processCreationTime: toTimestamp(olderBy(scene.random, scene.addedTicks, 5, 120)),
    parentProcessId: scene.random.integer(400, 24_000),
    parentProcessCreationTime: toTimestamp(olderBy(scene.random, scene.addedTicks, 120, 7200)),
    parentProcessFileName: scene.random.pick(['explorer.exe', 'services.exe', 'winword.exe']),
    parentProcessFilePath: 'C:\\Windows',
    ...describeStatus(scene),
  }),
  File: (scene) => ({ ...describeFile(scene), ...describeStatus(scene) }),
  Ip: ({ random }) => ({ ipAddress: `203.0.113.${random.integer(1, 254)}` }),
  Url: ({ random }) => ({ url: `https://${random.hex(8)}.example/${random.hex(4)}` }),
  Registry: ({ random }) => ({
    registryKey: 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run',
    registryHive: 'HKEY_LOCAL_MACHINE',
    registryValueType: 'String',
    registryValue: `C:\\ProgramData\\${random.hex(6)}.exe`,
  }),
};

function describeFile({ random, user }: EvidenceScene): Partial<Evidence> {
  return {
    sha1: random.hex(40),
    sha256: random.isChance(0.85) ? random.hex(64) : null,
    fileName: random.pick([
      'update.exe',
      'powershell.exe',
      'rundll32.exe',
      'Fakturaer – mars.docm',
      'tool.dll',
    ]),
    filePath: random.pick(['C:\\Windows\\System32', 'C:\\Temp', `C:\\Users\\${user.accountName}\\Downloads`]),
  };
}

function describeStatus({ random }: EvidenceScene): Partial<Evidence> {
  return { detectionStatus: random.pick(['Detected', 'Prevented', 'Blocked', null]) };
}

const commandLines = [
  'powershell.exe -NoProfile -EncodedCommand SQBuAHYAbwBrAGUA',
  'rundll32.exe "C:\\Temp\\tool.dll",Start',
  'cmd.exe /c "whoami /all > C:\\Temp\\out.txt"',
  'update.exe --silent',
];
