import { huntingApis } from '../hunting/huntingApis.ts';
import { permissionTable, type Permission } from '../identity/permissions.ts';

/** A call that changes nothing and costs next to nothing. */
export interface Probe {
  readonly permission: Permission;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

const read = (permission: Permission, path: string): Probe => ({ permission, method: 'GET', path });
const hunt = (api: keyof typeof huntingApis): Probe => {
  const { permission, path } = huntingApis[api];
  return { permission, method: 'POST', path, body: { Query: 'print 1' } };
};

/**
 * One for each permission that lets something be read, the cheapest first: hunts count against a quota of CPU time.
 * Sources: those of `permissionTable`.
 */
export const probes: readonly Probe[] = [
  read(permissionTable.pullAlerts, '/api/alerts?$top=1'),
  read(permissionTable.readAlertsFromEndpoint, '/api/alerts?$top=1'),
  read(permissionTable.readDevices, '/api/machines?$top=1'),
  read(permissionTable.readAlertsFromGraph, '/v1.0/security/alerts_v2?$top=1'),
  read(permissionTable.readIncidentsFromGraph, '/v1.0/security/incidents?$top=1'),
  read(permissionTable.readIncidentsFromXdr, '/api/incidents?$top=1'),
  hunt('graph'),
  hunt('endpoint'),
  hunt('xdr'),
];
