import { callerApi, callerScope } from './callerApi.ts';
import { grantRequiredAccess, grantRole, type Directory } from './Directory.ts';
import type { Principal, RequiredAccess, Tenant } from './Principal.ts';
import { microsoftGraph, microsoftThreatProtection, windowsDefenderAtp } from './resources.ts';

/** The applications and identities that act for the functions, in the company's tenant. */
export interface Applications {
  /** `defender-functions-app`: multi-tenant, with a secret, a certificate and a federated credential. */
  readonly application: Principal;
  /** The functions' own API: it acts for the people who call it. */
  readonly api: Principal;
  /** `defender-functions-terminal`: what people sign in with at a terminal. */
  readonly terminal: Principal;
  readonly systemAssigned: Principal;
  readonly userAssigned: Principal;
}

/** What the functions need: to pull, find, isolate and release, hunt, and read alerts and incidents. */
const requiredAccess: readonly RequiredAccess[] = [
  {
    resourceAppId: windowsDefenderAtp.appId,
    roles: ['AdvancedQuery.Read.All', 'Alert.Read.All', 'Machine.Read.All', 'Machine.Isolate'],
    scopes: ['AdvancedQuery.Read', 'Alert.Read', 'Machine.Read', 'Machine.Isolate'],
  },
  {
    resourceAppId: microsoftThreatProtection.appId,
    roles: ['AdvancedHunting.Read.All', 'Incident.Read.All'],
    scopes: ['AdvancedHunting.Read', 'Incident.Read'],
  },
  {
    resourceAppId: microsoftGraph.appId,
    roles: ['SecurityAlert.Read.All', 'SecurityIncident.Read.All', 'ThreatHunting.Read.All'],
    scopes: ['SecurityAlert.Read.All', 'SecurityIncident.Read.All', 'ThreatHunting.Read.All'],
  },
];

/** Where an administrator's consent may return to: the portal, and the functions on this machine. */
const redirectUris = [
  'https://portal.azure.com',
  'http://localhost/api/consent',
  'http://127.0.0.1/api/consent',
];

/** Registers them; ids never change. */
export function addApplications(directory: Directory, tenant: Tenant): Applications {
  const homeTenantId = tenant.id;
  const add = (
    kind: Principal['kind'],
    registration: Omit<Parameters<Directory['register']>[0], 'homeTenantId'>,
    objectId: string,
  ): Principal =>
    directory.addPrincipal(directory.register({ ...registration, homeTenantId }), {
      kind,
      tenantId: tenant.id,
      objectId,
    });
  const applications: Applications = {
    application: add(
      'application',
      {
        appId: '2c9e4b61-07fd-4b7a-9a35-d1e8f6c05b94',
        displayName: 'defender-functions-app',
        isMultiTenant: true,
        redirectUris: [...redirectUris],
        requiredAccess: requiredAccess.map((access) => ({ ...access, scopes: [] })),
      },
      '91b3d7e0-5a46-4f2c-8c1d-3e7a90b26f58',
    ),
    api: add(
      'application',
      {
        appId: callerApi.appId,
        displayName: callerApi.displayName,
        requiredAccess: requiredAccess.map((access) => ({ ...access, roles: [] })),
      },
      '4d91e7c8-6a05-4fb2-83d6-b0f52c9ea713',
    ),
    terminal: add(
      'application',
      {
        appId: '8e05c7d2-4b19-4f3a-a6d8-1c92f7e03b56',
        displayName: 'defender-functions-terminal',
        isPublicClient: true,
        requiredAccess: [
          ...requiredAccess.map((access) => ({ ...access, roles: [] })),
          { resourceAppId: callerApi.appId, roles: [], scopes: [callerScope] },
        ],
      },
      'b6f2d913-7ca4-4e08-95b1-d30e8a5c6f27',
    ),
    systemAssigned: add(
      'systemAssignedIdentity',
      { appId: '6fa0c3d8-2e57-4b19-b8d4-a95c17e3f042', displayName: 'defender-functions' },
      'c47d92ab-f013-4e68-a7b5-08d16e9f3c21',
    ),
    userAssigned: add(
      'userAssignedIdentity',
      { appId: 'e3b85f17-94c2-4d06-8fa1-72c0d5b6e984', displayName: 'defender-functions-identity' },
      '0d6e81f4-b739-4c5a-9e20-f4a8c37b1d65',
    ),
  };
  const { application, api, terminal, systemAssigned, userAssigned } = applications;
  for (const principal of [application, api, terminal]) grantRequiredAccess(principal, tenant);
  for (const identity of [systemAssigned, userAssigned]) grantApplicationRoles(identity);
  return applications;
}

/** Identities have no registration to ask with: their roles are assigned one by one. */
function grantApplicationRoles(identity: Principal): void {
  for (const resource of [windowsDefenderAtp, microsoftThreatProtection, microsoftGraph]) {
    const access = requiredAccess.find(({ resourceAppId }) => resourceAppId === resource.appId);
    for (const role of access?.roles ?? []) grantRole(identity, resource, role);
  }
}
