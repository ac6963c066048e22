import { addCallers, type Callers } from './entra/callers.ts';
import type { TokenEndpoint } from './entra/clientCredentials.ts';
import { addSecret, Directory, grantRole } from './entra/Directory.ts';
import type { Principal } from './entra/Principal.ts';
import { microsoftGraph, microsoftThreatProtection, windowsDefenderAtp } from './entra/resources.ts';
import { SigningKeys } from './entra/SigningKeys.ts';
import { SimulatedClock } from './clock/SimulatedClock.ts';
import { AlertWriter } from './company/AlertWriter.ts';
import { Arrivals } from './company/Arrivals.ts';
import { createCompany, type Company } from './company/Company.ts';
import { MachineWriter } from './company/MachineWriter.ts';
import { Scheduler } from './company/Scheduler.ts';
import { AlertStore } from './defender/alerts/AlertStore.ts';
import { CallQuota } from './defender/CallQuota.ts';
import { MachineActionStore } from './defender/machineActions/MachineActionStore.ts';
import { MachineStore } from './defender/machines/MachineStore.ts';
import { FaultRules } from './faults/FaultRules.ts';
import { RequestLog } from './http/RequestLog.ts';
import { Hunting } from './hunting/Hunting.ts';
import { IdentityTokenCache } from './identity/IdentityTokenCache.ts';
import { SecretStore } from './keyVault/SecretStore.ts';

/** The name of the application's secret in the vault. */
export const secretName = 'defender-client-secret';

/** How long a client secret lives unless told otherwise: Entra's own default. */
export const secretLifetimeMs = 180 * 24 * 60 * 60 * 1000;

/** Everything that the services and the control surface share. Kept in memory only. */
export interface World {
  readonly clock: SimulatedClock;
  readonly company: Company;
  readonly directory: Directory;
  readonly tokenEndpoint: TokenEndpoint;
  readonly identities: { readonly systemAssigned: Principal; readonly userAssigned: Principal };
  readonly identityCache: IdentityTokenCache;
  readonly application: Principal;
  readonly callers: Callers;
  readonly secrets: SecretStore;
  readonly secretReaders: Set<string>;
  readonly secretOfficers: Set<string>;
  readonly alerts: AlertStore;
  readonly writer: AlertWriter;
  readonly machines: MachineStore;
  readonly machineActions: MachineActionStore;
  readonly machineWriter: MachineWriter;
  readonly hunting: Hunting;
  readonly arrivals: Arrivals;
  readonly scheduler: Scheduler;
  readonly quota: CallQuota;
  readonly faults: FaultRules;
  readonly log: RequestLog;
}

/** Builds the world; ids are always the same, secrets are new each time. */
export async function createWorld(seed: number): Promise<World> {
  const clock = new SimulatedClock();
  const company = createCompany(seed);
  const keys = await SigningKeys.create();
  const directory = new Directory();
  directory.addTenant({
    id: company.tenantId,
    domain: company.tenantDomain,
    displayName: company.displayName,
  });
  const principals = addPrincipals(directory, company.tenantId);
  const secrets = new SecretStore();
  const secret = addSecret(principals.application, clock.nowMs(), secretLifetimeMs);
  secrets.set(secretName, secret.value, clock.nowMs(), { expiresMs: secret.expiresMs });
  const alerts = new AlertStore(seed);
  const writer = new AlertWriter(alerts, clock, company, seed);
  const machines = new MachineStore(seed);
  const machineActions = new MachineActionStore(machines, clock, seed);
  const machineWriter = new MachineWriter({ store: machines, actions: machineActions, clock, company, seed });
  machineWriter.reset();
  const scheduler = new Scheduler();
  return {
    clock,
    company,
    directory,
    tokenEndpoint: { keys, clock, directory, tokenLifetimeSeconds: 3599, requestedAccessTokenVersion: 2 },
    identities: principals,
    identityCache: new IdentityTokenCache(),
    application: principals.application,
    callers: addCallers(directory, company.tenantId, company.users),
    secrets,
    secretReaders: new Set([principals.systemAssigned.objectId, principals.userAssigned.objectId]),
    // Operators are, not the app.
    secretOfficers: new Set<string>(),
    alerts,
    writer,
    machines,
    machineActions,
    machineWriter,
    hunting: new Hunting({ company, alerts, machines, clock, seed }),
    arrivals: new Arrivals({ writer, store: alerts, scheduler, clock, company, seed }),
    scheduler,
    quota: new CallQuota(),
    faults: new FaultRules(),
    log: new RequestLog(),
  };
}

/** What the functions need on WindowsDefenderATP: to hunt, to pull alerts, to find devices, to isolate and release them. */
const grantedRoles = ['AdvancedQuery.Read.All', 'Alert.Read.All', 'Machine.Read.All', 'Machine.Isolate'];

interface Principals {
  readonly application: Principal;
  readonly systemAssigned: Principal;
  readonly userAssigned: Principal;
}

function addPrincipals(directory: Directory, tenantId: string): Principals {
  const principals = {
    application: directory.addPrincipal({
      kind: 'application',
      tenantId,
      appId: '2c9e4b61-07fd-4b7a-9a35-d1e8f6c05b94',
      objectId: '91b3d7e0-5a46-4f2c-8c1d-3e7a90b26f58',
      displayName: 'defender-functions-app',
    }),
    systemAssigned: directory.addPrincipal({
      kind: 'systemAssignedIdentity',
      tenantId,
      appId: '6fa0c3d8-2e57-4b19-b8d4-a95c17e3f042',
      objectId: 'c47d92ab-f013-4e68-a7b5-08d16e9f3c21',
      displayName: 'defender-functions',
    }),
    userAssigned: directory.addPrincipal({
      kind: 'userAssignedIdentity',
      tenantId,
      appId: 'e3b85f17-94c2-4d06-8fa1-72c0d5b6e984',
      objectId: '0d6e81f4-b739-4c5a-9e20-f4a8c37b1d65',
      displayName: 'defender-functions-identity',
    }),
  };
  for (const principal of Object.values(principals)) {
    for (const role of grantedRoles) grantRole(principal, windowsDefenderAtp, role);
    grantRole(principal, microsoftThreatProtection, 'AdvancedHunting.Read.All');
    grantRole(principal, microsoftGraph, 'ThreatHunting.Read.All');
  }
  return principals;
}
