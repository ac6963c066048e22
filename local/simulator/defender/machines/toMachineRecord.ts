import { ticksPerSecond, toTimestamp } from '../../clock/ticks.ts';
import { writeObject } from '../../http/RawJson.ts';
import type { Selectable } from '../../odata/selectPage.ts';
import { toComparables } from '../../odata/toComparables.ts';
import { machineRules } from './machineRules.ts';
import type { MachineFields, StoredMachine } from './MachineStore.ts';

/** A machine as a query sees it. */
export interface MachineRecord extends Selectable {
  readonly fields: MachineFields;
  /** The JSON that is sent. */
  readonly toText: () => string;
}

const dayTicks = 86_400n * ticksPerSecond;

/** After so long without a signal a device is inactive. Source: https://learn.microsoft.com/defender-endpoint/fix-unhealthy-sensors */
const activeTicks = 7n * dayTicks;

/** So long a device stays in the inventory. Source: https://learn.microsoft.com/defender-endpoint/offboard-machines */
const retentionTicks = 180n * dayTicks;

/** The machine as it is sent now; undefined when its last report is older than what the service keeps. */
export function findMachineRecord(machine: StoredMachine, nowTicks: bigint): MachineRecord | undefined {
  const fields = { ...machine.fields, ...toReported(machine, nowTicks) };
  const comparable = toComparables(fields, machineRules.filter.properties);
  const { lastSeen } = comparable;
  if (typeof lastSeen === 'bigint' && lastSeen < nowTicks - retentionTicks) return undefined;
  const { key, place, raw } = machine;
  return { key, place, comparable, fields, toText: () => raw ?? writeObject(fields) };
}

function toReported(
  { reported, reportOffset, silentSince, fields }: StoredMachine,
  nowTicks: bigint,
): MachineFields {
  const until = silentSince !== undefined && silentSince < nowTicks ? silentSince : nowTicks;
  const lastSeen = until - ((until - reportOffset) % dayTicks);
  const isInactive = fields.healthStatus === 'Active' && nowTicks - until > activeTicks;
  return {
    ...(reported.has('lastSeen') ? { lastSeen: toTimestamp(lastSeen) } : {}),
    ...(reported.has('healthStatus') && isInactive ? { healthStatus: 'Inactive' } : {}),
  };
}
