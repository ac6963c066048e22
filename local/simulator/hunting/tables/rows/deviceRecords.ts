import { ticksPerSecond } from '../../../clock/ticks.ts';
import type { StoredMachine } from '../../../defender/machines/MachineStore.ts';
import { DateTime } from '../../kql/values/Value.ts';
import { boolOf, longOf, textOf, type RowFields } from './RowFields.ts';
import type { HuntingWorld, RowSource } from './RowSource.ts';

const ticksPerDay = 86_400n * ticksPerSecond;
const reportedDays = 30n;

/** What the devices report once a day, from the machine records: hunting and the machine API tell the same. */
export const deviceRecords: Readonly<Record<'DeviceInfo' | 'DeviceNetworkInfo', RowSource>> = {
  DeviceInfo: (world) => listReports(world, describeDevice),
  DeviceNetworkInfo: (world) => listReports(world, describeAdapter),
};

/** A report of a machine. */
interface Report {
  readonly machine: StoredMachine;
  readonly common: RowFields;
  readonly world: HuntingWorld;
}

/** A machine reports while it is connected, at its own time of the day. */
function* listReports(world: HuntingWorld, describe: (report: Report) => RowFields): Iterable<RowFields> {
  const today = world.nowTicks / ticksPerDay;
  for (const machine of world.machines.list()) {
    if (machine.raw !== undefined) continue;
    for (let day = today - reportedDays; day <= today; day += 1n) {
      const ticks = day * ticksPerDay + machine.reportOffset;
      const isSilent = machine.silentSince !== undefined && ticks > machine.silentSince;
      if (ticks > world.nowTicks || isSilent) continue;
      const common = {
        Timestamp: new DateTime(ticks),
        DeviceId: machine.key,
        DeviceName: textOf(machine.fields.computerDnsName),
        ReportId: day,
        OnboardingStatus: toOnboardingStatus(machine.fields.onboardingStatus),
      };
      yield describe({ machine, common, world });
    }
  }
}

/** Advanced hunting writes these in words. Source: https://learn.microsoft.com/defender-endpoint/device-discovery */
function toOnboardingStatus(status: unknown): string {
  const written: Readonly<Record<string, string>> = {
    CanBeOnboarded: 'Can be onboarded',
    InsufficientInfo: 'Insufficient info',
  };
  const text = textOf(status);
  return written[text] ?? text;
}

function describeDevice({ machine, common, world }: Report): RowFields {
  const { fields, key } = machine;
  const device = world.company.devices.find(({ id }) => id === key);
  const platform = textOf(fields.osPlatform);
  const isServer = platform.startsWith('WindowsServer');
  const loggedOn =
    device === undefined
      ? []
      : [{ UserName: device.user.accountName, DomainName: world.company.domainName, Sid: device.user.sid }];
  return {
    ...common,
    ClientVersion: textOf(fields.agentVersion),
    PublicIP: textOf(fields.lastExternalIpAddress),
    OSArchitecture: textOf(fields.osArchitecture),
    OSPlatform: platform,
    OSBuild: longOf(fields.osBuild),
    OSVersionInfo: textOf(fields.version),
    IsAzureADJoined: boolOf(fields.isAadJoined),
    AadDeviceId: textOf(fields.aadDeviceId),
    LoggedOnUsers: JSON.stringify(loggedOn),
    MachineGroup: textOf(fields.rbacGroupName),
    DeviceCategory: 'Endpoint',
    DeviceType: isServer ? 'Server' : 'Workstation',
    MergedToDeviceId: textOf(fields.mergedIntoMachineId),
    IsInternetFacing: false,
    SensorHealthState: textOf(fields.healthStatus),
    IsExcluded: boolOf(fields.isExcluded),
    ExclusionReason: textOf(fields.exclusionReason),
    ExposureLevel: textOf(fields.exposureLevel),
    AssetValue: textOf(fields.deviceValue),
    DeviceManualTags: JSON.stringify(Array.isArray(fields.machineTags) ? fields.machineTags : []),
    DeviceDynamicTags: '[]',
    IsTransient: false,
  };
}

/** The first address is the one that the machine record shows as the last. */
function describeAdapter({ machine, common, world }: Report): RowFields {
  const { fields } = machine;
  const addresses = Array.isArray(fields.ipAddresses) ? (fields.ipAddresses as readonly unknown[]) : [];
  const own = addresses.filter(
    (one): one is Readonly<Record<string, unknown>> => typeof one === 'object' && one !== null,
  );
  const connected = own.filter(({ type }) => type === 'Ethernet');
  const macAddress = textOf(connected[0]?.macAddress);
  return {
    ...common,
    NetworkAdapterName: 'Ethernet',
    MacAddress: macAddress.replace(/(..)(?=.)/g, '$1-'),
    NetworkAdapterType: 'Ethernet',
    NetworkAdapterStatus: textOf(connected[0]?.operationalStatus),
    TunnelType: 'None',
    ConnectedNetworks: JSON.stringify([
      { Name: world.company.domainName, Category: 'Domain', IsConnectedToInternet: true },
    ]),
    DnsAddresses: JSON.stringify(['10.10.0.10', '10.10.0.11']),
    DefaultGateways: JSON.stringify(['10.10.0.1']),
    IPAddresses: JSON.stringify(connected.map(({ ipAddress }) => ({ IPAddress: textOf(ipAddress) }))),
  };
}
