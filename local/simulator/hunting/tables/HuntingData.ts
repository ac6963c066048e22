import type { SimulatedClock } from '../../clock/SimulatedClock.ts';
import type { Company } from '../../company/Company.ts';
import type { AlertStore } from '../../defender/alerts/AlertStore.ts';
import type { MachineStore } from '../../defender/machines/MachineStore.ts';
import { everything, type Viewpoint } from '../../defender/roles/Viewpoint.ts';
import { indexColumns, type Row, type Table } from '../kql/Table.ts';
import { DateTime } from '../kql/values/Value.ts';
import { createRowFilter } from './createRowFilter.ts';
import { alertRecords } from './rows/alertRecords.ts';
import { deviceEvents } from './rows/deviceEvents.ts';
import { deviceRecords } from './rows/deviceRecords.ts';
import { toRow } from './rows/RowFields.ts';
import { lookBackTicks, type RowSource } from './rows/RowSource.ts';
import { huntingTables, type HuntingTableName } from './schema/huntingTables.ts';

/** An interval of time in ticks, both ends included; an end that is missing is open. */
export interface TimeWindow {
  readonly from?: bigint;
  readonly to?: bigint;
}

/** What the data is made from. */
export interface HuntingDataInit {
  readonly company: Company;
  readonly alerts: AlertStore;
  readonly machines: MachineStore;
  readonly clock: SimulatedClock;
  readonly seed: number;
}

const sources: Readonly<Partial<Record<HuntingTableName, RowSource>>> = {
  ...deviceRecords,
  ...deviceEvents,
  ...alertRecords,
};

/** The rows of the tables: what happens in the company, and what was added by hand. */
export class HuntingData {
  readonly #init: HuntingDataInit;
  readonly #added = new Map<HuntingTableName, Row[]>();

  constructor(init: HuntingDataInit) {
    this.#init = init;
  }

  /**
   * A table within a window of time, and never further back than 30 days; rows without a time are left out, and so are
   * those about devices and alerts that the caller may not see.
   */
  read(name: HuntingTableName, window: TimeWindow, viewpoint: Viewpoint): Table {
    const columns = huntingTables[name];
    const { clock, ...init } = this.#init;
    const nowTicks = clock.nowTicks();
    const generated = sources[name]?.({ ...init, nowTicks }) ?? [];
    const rows = [
      ...Array.from(generated, (fields) => toRow(columns, fields)),
      ...(this.#added.get(name) ?? []),
    ];
    const from = max(nowTicks - lookBackTicks, window.from);
    const isShown = viewpoint === everything ? undefined : createRowFilter(columns, viewpoint, init);
    const timePlace = indexColumns(columns).get('Timestamp') ?? 0;
    return {
      columns,
      rows: rows.filter((row) => {
        const time = row[timePlace];
        return (
          time instanceof DateTime &&
          time.ticks >= from &&
          (window.to === undefined || time.ticks <= window.to) &&
          (isShown === undefined || isShown(row))
        );
      }),
    };
  }

  /** Adds rows to those of the company. */
  add(name: HuntingTableName, rows: readonly Row[]): void {
    this.#added.set(name, [...(this.#added.get(name) ?? []), ...rows]);
  }

  /** Removes the added rows of a table, or of all. */
  clear(name?: HuntingTableName): void {
    if (name === undefined) this.#added.clear();
    else this.#added.delete(name);
  }

  /** How many rows were added to a table. */
  countAdded(name: HuntingTableName): number {
    return this.#added.get(name)?.length ?? 0;
  }
}

function max(one: bigint, other: bigint | undefined): bigint {
  return other === undefined || other < one ? one : other;
}
