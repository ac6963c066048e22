import { ticksPerSecond } from '../../../clock/ticks.ts';
import type { Company, Device } from '../../../company/Company.ts';
import type { AlertStore } from '../../../defender/alerts/AlertStore.ts';
import type { MachineStore } from '../../../defender/machines/MachineStore.ts';
import { SeededRandom } from '../../../random/SeededRandom.ts';
import { textOf, type RowFields } from './RowFields.ts';

/** How far back advanced hunting looks: 30 days, in ticks. Source: https://learn.microsoft.com/defender-xdr/api-advanced-hunting */
export const lookBackTicks = 30n * 86_400n * ticksPerSecond;

/** What rows are made from. */
export interface HuntingWorld {
  readonly company: Company;
  readonly alerts: AlertStore;
  readonly machines: MachineStore;
  readonly seed: number;
  readonly nowTicks: bigint;
}

/** The rows of a table up to now, at least those of the last 30 days, in no particular order. */
export type RowSource = (world: HuntingWorld) => Iterable<RowFields>;

/** A moment at which something happens in the company. */
export interface Moment {
  readonly random: SeededRandom;
  readonly ticks: bigint;
  /** `ReportId`: a counter. */
  readonly reportId: bigint;
  readonly device: Device;
  readonly domainName: string;
  readonly dnsDomain: string;
  readonly isWindows: boolean;
  /** The address of the device in the company's network. */
  readonly localIp: string;
}

/**
 * Something for each of `count` moments in 30 days.
 *
 * Time is divided into slots; what happens in one depends on the seed and the slot only, so the past stays the same
 * however often it is looked at, and goes on while the simulator is off.
 */
export function* listMoments(name: string, count: number, world: HuntingWorld): Iterable<Moment> {
  const { company, machines, seed, nowTicks } = world;
  const slotTicks = lookBackTicks / BigInt(count);
  const details = new Map(company.devices.map(({ id }) => [id, machines.find(id)?.fields]));
  const newest = nowTicks / slotTicks;
  for (let slot = newest - BigInt(count); slot <= newest; slot += 1n) {
    const random = new SeededRandom(`hunting ${name} ${seed} ${slot}`);
    const ticks = slot * slotTicks + BigInt(Math.floor(random.next() * Number(slotTicks)));
    if (ticks > nowTicks) continue;
    const device = random.pick(company.devices);
    const machine = details.get(device.id);
    yield {
      random,
      ticks,
      reportId: slot % 100_000n,
      device,
      domainName: company.domainName,
      dnsDomain: company.dnsDomain,
      isWindows: textOf(machine?.osPlatform).startsWith('Windows'),
      localIp: textOf(machine?.lastIpAddress),
    };
  }
}
