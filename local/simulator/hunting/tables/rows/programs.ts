/** A program that runs on the company's devices. */
export interface Program {
  readonly fileName: string;
  readonly folder: string;
  readonly company: string;
  readonly product: string;
  /** How it is called; one is picked. */
  readonly commandLines: readonly string[];
  /** Which program starts it. */
  readonly parent: string;
}

const microsoft = { company: 'Microsoft Corporation', product: 'Microsoft® Windows® Operating System' };
const system = 'C:\\Windows\\System32';

/** Roughly as often as they stand in the list; the last ones are what a hunter looks for. */
export const windowsPrograms: readonly Program[] = [
  {
    ...microsoft,
    fileName: 'svchost.exe',
    folder: system,
    commandLines: ['svchost.exe -k netsvcs -p -s Schedule', 'svchost.exe -k LocalService -p'],
    parent: 'services.exe',
  },
  {
    ...microsoft,
    fileName: 'explorer.exe',
    folder: 'C:\\Windows',
    commandLines: ['explorer.exe'],
    parent: 'userinit.exe',
  },
  {
    ...microsoft,
    fileName: 'msedge.exe',
    folder: 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application',
    product: 'Microsoft Edge',
    commandLines: [
      '"msedge.exe" --profile-directory=Default',
      '"msedge.exe" --single-argument https://intranet/',
    ],
    parent: 'explorer.exe',
  },
  {
    ...microsoft,
    fileName: 'outlook.exe',
    folder: 'C:\\Program Files\\Microsoft Office\\root\\Office16',
    product: 'Microsoft Outlook',
    commandLines: ['"outlook.exe" /recycle'],
    parent: 'explorer.exe',
  },
  {
    ...microsoft,
    fileName: 'winword.exe',
    folder: 'C:\\Program Files\\Microsoft Office\\root\\Office16',
    product: 'Microsoft Word',
    commandLines: ['"winword.exe" /n "Offer.docx"', '"winword.exe" /n "Minutes 2026.docx"'],
    parent: 'outlook.exe',
  },
  {
    ...microsoft,
    fileName: 'MsMpEng.exe',
    folder: 'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.26090.4',
    commandLines: ['"MsMpEng.exe"'],
    parent: 'services.exe',
  },
  {
    ...microsoft,
    fileName: 'cmd.exe',
    folder: system,
    commandLines: [
      'cmd.exe /c "net use Z: \\\\files\\projects"',
      'cmd.exe /c "whoami /all > C:\\Temp\\out.txt"',
    ],
    parent: 'explorer.exe',
  },
  {
    ...microsoft,
    fileName: 'powershell.exe',
    folder: `${system}\\WindowsPowerShell\\v1.0`,
    commandLines: [
      'powershell.exe -NoProfile -File C:\\Scripts\\inventory.ps1',
      'powershell.exe -NoProfile -EncodedCommand SQBuAHYAbwBrAGUA',
    ],
    parent: 'winword.exe',
  },
  {
    ...microsoft,
    fileName: 'rundll32.exe',
    folder: system,
    commandLines: ['rundll32.exe "C:\\Temp\\tool.dll",Start', 'rundll32.exe shell32.dll,Control_RunDLL'],
    parent: 'cmd.exe',
  },
];

const linux = { company: '', product: '' };

/** What runs on Linux. */
export const linuxPrograms: readonly Program[] = [
  {
    ...linux,
    fileName: 'bash',
    folder: '/usr/bin',
    commandLines: ['-bash', 'bash -c "df -h"'],
    parent: 'sshd',
  },
  {
    ...linux,
    fileName: 'sshd',
    folder: '/usr/sbin',
    commandLines: ['sshd: /usr/sbin/sshd -D'],
    parent: 'systemd',
  },
  {
    ...linux,
    fileName: 'cron',
    folder: '/usr/sbin',
    commandLines: ['/usr/sbin/cron -f -P'],
    parent: 'systemd',
  },
  {
    ...linux,
    fileName: 'python3',
    folder: '/usr/bin',
    commandLines: ['python3 /opt/reports/nightly.py', 'python3 -m http.server 8000'],
    parent: 'bash',
  },
  {
    ...linux,
    fileName: 'curl',
    folder: '/usr/bin',
    commandLines: ['curl -s https://updates.example/list'],
    parent: 'bash',
  },
];
