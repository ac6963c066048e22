import type { DeviceRole } from './names.ts';

/** An operating system as machine records show it. The spellings were seen in real records. */
export interface OperatingSystem {
  readonly osPlatform: string;
  readonly version: string;
  /** Null on some Linux. */
  readonly osBuild: number | null;
  readonly agentVersion: string;
}

/** The newest client, for machines of which nothing else is known. */
export const windows11: OperatingSystem = createWindows('Windows11', '24H2', 26100);

const windows11Older = createWindows('Windows11', '23H2', 22631);
const windows10 = createWindows('Windows10', '22H2', 19045);
const windows10WithoutSelective = createWindows('Windows10', '1703', 15063);
const windows10WithoutIsolation = createWindows('Windows10', '1607', 14393);
const ubuntu: OperatingSystem = {
  osPlatform: 'Ubuntu',
  version: '22.4',
  osBuild: 5,
  agentVersion: '30.124092.2.0',
};
const redHat: OperatingSystem = {
  osPlatform: 'RedHatEnterpriseLinux',
  version: '9.5',
  osBuild: null,
  agentVersion: '30.124092.2.0',
};

/** The server that most servers run. */
export const windowsServer2022: OperatingSystem = createWindows('WindowsServer2022', '21H2', 20348);

const windowsServer2019 = createWindows('WindowsServer2019', '1809', 17763);
const windowsServer2016 = createWindows('WindowsServer2016', '1607', 14393);

const people = [
  windows11,
  windows11Older,
  windows10,
  windows11,
  windows10WithoutSelective,
  windows11Older,
  windows10,
  windows11,
  windows10WithoutIsolation,
];

/** What devices of a role run, in turn. */
export const operatingSystemsOf: Readonly<Record<DeviceRole, readonly OperatingSystem[]>> = {
  dc: [windowsServer2022, windowsServer2019],
  srv: [windowsServer2022, windowsServer2019, ubuntu, redHat, windowsServer2016],
  desk: people,
  note: people,
  lab: [ubuntu, windows10, windows11],
};

function createWindows(osPlatform: string, version: string, osBuild: number): OperatingSystem {
  return { osPlatform, version, osBuild, agentVersion: `10.8790.${osBuild}.5608` };
}
