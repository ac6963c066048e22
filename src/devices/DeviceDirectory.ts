import type { DefenderClient } from '../defender/DefenderClient.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import { readAll } from '../defender/readAll.ts';
import { permissionTable } from '../identity/permissions.ts';
import { isSameName, type DeviceIdentifier } from './DeviceIdentifier.ts';
import { readMachine, type Machine } from './Machine.ts';

/**
 * Finds machine records by exact id or name.
 *
 * Only the list is asked, with a filter: the newest page about reading one machine names a broader permission. What it
 * answers is compared again here, so that no record that merely resembles the name is ever taken.
 */
export class DeviceDirectory {
  readonly #client: DefenderClient;

  constructor(client: DefenderClient) {
    this.#client = client;
  }

  /** Every record with this very id or name, stale ones included. @throws what `DefenderClient.send` throws */
  async find(identifier: DeviceIdentifier, signal: AbortSignal): Promise<Machine[]> {
    for (const filter of filtersFor(identifier)) {
      const machines = await this.#list(filter, signal);
      const exact = machines.filter((machine) => isExact(machine, identifier));
      if (exact.length > 0) return exact;
    }
    return [];
  }

  async #list(filter: string, signal: AbortSignal): Promise<Machine[]> {
    try {
      const records = await readAll(this.#client, {
        operation: 'Find device',
        path: '/api/machines',
        filter,
        permission: permissionTable.readDevices,
        signal,
      });
      return records.map(readMachine).filter((machine) => machine !== undefined);
    } catch (error) {
      // Documented for "no such machine"; and one of the two forms of a GUID may be none to the service.
      if (error instanceof DefenderHttpError && error.serviceStatus === 404) return [];
      if (
        error instanceof DefenderHttpError &&
        error.serviceStatus === 400 &&
        /^aadDeviceId eq [^']/.test(filter)
      ) {
        return [];
      }
      throw error;
    }
  }
}

/**
 * What to ask for, in turn, until something is found. Whether the service compares names without regard to case, and
 * whether it wants GUIDs quoted, is not documented.
 */
function filtersFor({ kind, value }: DeviceIdentifier): string[] {
  if (kind === 'id') return [`id eq '${value}'`];
  if (kind === 'aadDeviceId') return [`aadDeviceId eq ${value}`, `aadDeviceId eq '${value}'`];
  return [...new Set([value.toLowerCase(), value])].map((name) => `computerDnsName eq '${name}'`);
}

function isExact(machine: Machine, { kind, value }: DeviceIdentifier): boolean {
  if (kind === 'id') return machine.id === value;
  if (kind === 'aadDeviceId') return machine.aadDeviceId === value;
  return isSameName(machine.name, value);
}
