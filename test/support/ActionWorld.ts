import type { Operation } from '../../src/operations/Operation.ts';
import { fromRow } from '../../src/operations/operationRow.ts';
import type { GuardSettings } from '../../src/settings/parseResponseSettings.ts';
import { createTestActions, deviceId, START, type TestActions } from './createTestActions.ts';
import { DefenderModel, type ModelWay } from './DefenderModel.ts';
import { EventClock } from './EventClock.ts';
import { MemoryTable, type TableWay } from './MemoryTable.ts';

const MINUTE_MS = 60_000;

export interface ProcessInit {
  readonly guards?: Partial<GuardSettings>;
  /** What this process meets on its way to Defender, and to the tables. */
  readonly defenderWay?: ModelWay;
  readonly tableWay?: TableWay;
  /** How far its clock is ahead. */
  readonly skewMs?: number;
  /** Whether the tenant of its operations was removed. */
  readonly isTenantGone?: () => boolean;
}

/** One tenant, one storage account and as many processes of the app as a test starts, in virtual time. */
export class ActionWorld {
  readonly clock = new EventClock(START);
  readonly defender = new DefenderModel(this.clock);
  readonly operations = new MemoryTable();
  readonly guards = new MemoryTable();

  /** @param devices how many there are; their ids are `deviceId(1)` and so on. */
  constructor(devices = 1) {
    for (let number = 1; number <= devices; number += 1) {
      this.defender.add(deviceId(number), { computerDnsName: `ws${number}.contoso.example` });
    }
  }

  /** A process of the app. */
  start({
    guards = {},
    defenderWay = {},
    tableWay = {},
    skewMs = 0,
    isTenantGone,
  }: ProcessInit = {}): TestActions {
    return createTestActions({
      clock: { now: () => this.clock.now() + skewMs, sleep: (ms) => this.clock.sleep(ms) },
      defender: this.defender,
      operationTable: this.operations.client(tableWay),
      guardTable: this.guards.client(tableWay),
      guards,
      way: defenderWay,
      ...(isTenantGone ? { isTenantGone } : {}),
    });
  }

  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T> {
    return this.clock.run(work);
  }

  /** Lets so many minutes pass, in each of which a process sees its open operations through. */
  async follow(process: TestActions, minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.clock.pass(MINUTE_MS);
      await this.run(process.followAll());
    }
  }

  isIsolated(number = 1): boolean {
    this.defender.settle();
    return this.defender.devices.get(deviceId(number))?.isIsolated ?? false;
  }

  /** The actions that Defender was asked for, in their order, as `isolate` and `unisolate`. */
  asked(): string[] {
    return this.defender.asked().map(({ kind }) => kind);
  }

  /** Every operation that is stored, oldest first. */
  stored(): Operation[] {
    const rows = [...this.operations.rows.values()];
    return rows
      .filter(({ partitionKey }) => String(partitionKey).startsWith('operation-'))
      .map((row) => fromRow(String(row.rowKey), row))
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  /** How many pointers say that an operation is open. */
  openPointers(): number {
    return [...this.operations.rows.values()].filter(({ partitionKey }) => partitionKey === 'open').length;
  }
}
