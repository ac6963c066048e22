import { getNewest, type AlertStore } from '../../defender/alerts/AlertStore.ts';
import type { MachineStore } from '../../defender/machines/MachineStore.ts';
import type { Viewpoint } from '../../defender/roles/Viewpoint.ts';
import { indexColumns, type Column, type Row } from '../kql/Table.ts';

/**
 * Tells whether a person may see a row: one about a device or an alert that is known here, as this person may see those.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api#permissions
 */
export function createRowFilter(
  columns: readonly Column[],
  viewpoint: Viewpoint,
  { machines, alerts }: { readonly machines: MachineStore; readonly alerts: AlertStore },
): (row: Row) => boolean {
  const places = indexColumns(columns);
  const devicePlace = places.get('DeviceId');
  const alertPlace = places.get('AlertId');
  return (row) => {
    const machine = findBy(row, devicePlace, (id) => machines.find(id));
    if (machine !== undefined) return viewpoint.seesMachine(machine.fields);
    const alert = findBy(row, alertPlace, (id) => alerts.find(id));
    return alert === undefined || viewpoint.seesAlert(getNewest(alert).fields);
  };
}

function findBy<Found>(
  row: Row,
  place: number | undefined,
  find: (id: string) => Found | undefined,
): Found | undefined {
  const id = place === undefined ? undefined : row[place];
  return typeof id === 'string' ? find(id) : undefined;
}
