import { addApplications } from './entra/applications.ts';
import { addCallers, type Callers } from './entra/callers.ts';
import type { Cloud } from './entra/clouds.ts';
import { createTokenEndpoint } from './entra/createTokenEndpoint.ts';
import { Directory } from './entra/Directory.ts';
import type { Principal } from './entra/Principal.ts';
import { SigningKeys } from './entra/SigningKeys.ts';
import type { TokenEndpoint } from './entra/TokenEndpoint.ts';
import { SimulatedClock } from './clock/SimulatedClock.ts';
import { Arrivals } from './company/Arrivals.ts';
import { createCompany, type Company } from './company/Company.ts';
import { Estates } from './company/Estates.ts';
import { Scheduler } from './company/Scheduler.ts';
import { CallQuota } from './defender/CallQuota.ts';
import { FaultRules } from './faults/FaultRules.ts';
import { RequestLog } from './http/RequestLog.ts';
import { Hunting } from './hunting/Hunting.ts';
import { IdentityTokenCache } from './identity/IdentityTokenCache.ts';
import { fillVault } from './keyVault/fillVault.ts';
import { SecretStore } from './keyVault/SecretStore.ts';
import { VaultCertificates } from './keyVault/VaultCertificates.ts';
import { apiCertificateName, apiSecretName, certificateName, secretName } from './keyVault/vaultNames.ts';

/** Everything that the services and the control surface share. Kept in memory only. */
export interface World {
  readonly clock: SimulatedClock;
  /** The company that runs the functions. */
  readonly company: Company;
  readonly directory: Directory;
  readonly tokenEndpoint: TokenEndpoint;
  readonly identities: { readonly systemAssigned: Principal; readonly userAssigned: Principal };
  readonly identityCache: IdentityTokenCache;
  readonly application: Principal;
  /** The functions' own API, as it acts for the people who call it. */
  readonly api: Principal;
  /** What people sign in with at a terminal. */
  readonly terminal: Principal;
  readonly callers: Callers;
  readonly secrets: SecretStore;
  readonly certificates: VaultCertificates;
  readonly secretReaders: Set<string>;
  readonly secretOfficers: Set<string>;
  readonly estates: Estates;
  readonly hunting: Hunting;
  readonly arrivals: Arrivals;
  readonly scheduler: Scheduler;
  readonly quota: CallQuota;
  readonly faults: FaultRules;
  readonly log: RequestLog;
}

/** Builds the world; ids are always the same, secrets are new each time. */
export async function createWorld(seed: number, cloud: Cloud = 'global'): Promise<World> {
  const clock = new SimulatedClock();
  const company = createCompany(seed);
  const keys = await SigningKeys.create();
  const directory = new Directory();
  const tenant = directory.addTenant({
    id: company.tenantId,
    domain: company.tenantDomain,
    displayName: company.displayName,
    cloud,
  });
  const { application, api, terminal, systemAssigned, userAssigned } = addApplications(directory, tenant);
  const callers = addCallers(directory, company.tenantId, company.users);
  const secrets = new SecretStore();
  const certificates = new VaultCertificates(secrets);
  const ofApi = { secretName: apiSecretName, certificateName: apiCertificateName };
  await Promise.all([
    fillVault(
      { secrets, certificates, registration: application.registration, secretName, certificateName },
      clock.nowMs(),
    ),
    fillVault({ secrets, certificates, registration: api.registration, ...ofApi }, clock.nowMs()),
  ]);
  const estates = new Estates({ home: company, clock, seed, findTenant: (id) => directory.findTenant(id) });
  const { alerts, writer } = estates.home;
  const scheduler = new Scheduler();
  return {
    clock,
    company,
    directory,
    tokenEndpoint: createTokenEndpoint({ keys, clock, directory, cloud, callers }),
    identities: { systemAssigned, userAssigned },
    identityCache: new IdentityTokenCache(),
    application,
    api,
    terminal,
    callers,
    secrets,
    certificates,
    secretReaders: new Set([systemAssigned.objectId, userAssigned.objectId]),
    // Operators are, not the app.
    secretOfficers: new Set<string>(),
    estates,
    hunting: new Hunting(clock),
    arrivals: new Arrivals({ writer, store: alerts, scheduler, clock, company, seed }),
    scheduler,
    quota: new CallQuota(),
    faults: new FaultRules(),
    log: new RequestLog(),
  };
}
