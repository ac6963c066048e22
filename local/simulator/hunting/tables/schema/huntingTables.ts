import type { Column } from '../../kql/Table.ts';
import { deviceTables } from './deviceTables.ts';
import { otherTables } from './otherTables.ts';

/** The columns of every table that can be queried. */
export const huntingTables = { ...deviceTables, ...otherTables };

/** The name of a table that can be queried. */
export type HuntingTableName = keyof typeof huntingTables;

/** True for the name of such a table; names are compared with their case. */
export function isHuntingTable(name: string): name is HuntingTableName {
  return Object.hasOwn(huntingTables, name);
}

/** The columns by the table's name. */
export const huntingSchemas: readonly {
  readonly name: HuntingTableName;
  readonly columns: readonly Column[];
}[] = Object.entries(huntingTables).map(([name, columns]) => ({ name: name as HuntingTableName, columns }));
