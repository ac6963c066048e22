/** The kinds of evidence that alerts carry. */
export type EvidenceKind = 'User' | 'Process' | 'File' | 'Ip' | 'Url' | 'Registry';

/** A kind of alert that occurs in the company. */
export interface AlertKind {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly severity: 'Informational' | 'Low' | 'Medium' | 'High';
  readonly detectionSource: string;
  readonly techniques: readonly string[];
  readonly threatFamilyName: string | null;
  /** Mostly null; a name only for known malware. */
  readonly threatName: string | null;
  readonly evidence: readonly EvidenceKind[];
}

/** What happens in the company, roughly as often as it stands in this list. */
export const alertKinds: readonly AlertKind[] = [
  {
    title: 'Unwanted software was blocked',
    description:
      'The antivirus stopped an installer that bundles unwanted programs.\n\nNo further action was seen.',
    category: 'UnwantedSoftware',
    severity: 'Informational',
    detectionSource: 'WindowsDefenderAv',
    techniques: [],
    threatFamilyName: 'Bundlore',
    threatName: 'PUA:Win32/Bundlore',
    evidence: ['File', 'User'],
  },
  {
    title: "Active malware 'Kestrel' was found in a process",
    description:
      'A running process was recognised as malware. It may have a way to start again after a restart.',
    category: 'Malware',
    severity: 'Medium',
    detectionSource: 'WindowsDefenderAv',
    techniques: ['T1204.002', 'T1547.001'],
    threatFamilyName: 'Kestrel',
    threatName: 'Trojan:Win32/Kestrel.A',
    evidence: ['File', 'Process', 'Registry', 'User'],
  },
  {
    title: 'A script interpreter started an encoded command',
    description: 'A command was passed in encoded form, which hides what it does from the casual reader.',
    category: 'Execution',
    severity: 'Medium',
    detectionSource: 'WindowsDefenderAtp',
    techniques: ['T1059.001', 'T1027'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Process', 'Process', 'User'],
  },
  {
    title: 'Credentials were read from process memory',
    description: 'A tool opened the memory of the process that holds the credentials of signed-in accounts.',
    category: 'CredentialAccess',
    severity: 'High',
    detectionSource: 'WindowsDefenderAtp',
    techniques: ['T1003.001'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Process', 'File', 'User'],
  },
  {
    title: 'A connection to a newly registered domain was allowed',
    description: 'The device reached a site that nobody in the company had reached before.',
    category: 'CommandAndControl',
    severity: 'Low',
    detectionSource: 'WindowsDefenderSmartScreen',
    techniques: ['T1071.001'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Url', 'Ip', 'User'],
  },
  {
    title: 'A service was installed from another device',
    description: 'A remote session created a service, as administrators and intruders both do.',
    category: 'LateralMovement',
    severity: 'Medium',
    detectionSource: 'CustomDetection',
    techniques: ['T1021.002', 'T1543.003'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Process', 'Registry', 'Ip', 'User'],
  },
  {
    title: 'Many files were renamed in a short time',
    description: 'A process renamed files in several shared folders at a rate that people do not reach.',
    category: 'Ransomware',
    severity: 'High',
    detectionSource: 'WindowsDefenderAtp',
    techniques: ['T1486'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Process', 'File', 'File', 'User'],
  },
  {
    title: 'A message with a harmful link was opened',
    description: 'A person followed a link that was later found to lead to a sign-in page of an attacker.',
    category: 'InitialAccess',
    severity: 'Low',
    detectionSource: 'OfficeATP',
    techniques: ['T1566.002'],
    threatFamilyName: null,
    threatName: null,
    evidence: ['Url', 'User'],
  },
];
