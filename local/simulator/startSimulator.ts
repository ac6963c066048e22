import { randomBytes } from 'node:crypto';
import { readOrCreateCertificate } from './certificate.ts';
import { loadHistory } from './company/loadHistory.ts';
import { createControl } from './control/createControl.ts';
import { createDefender } from './defender/createDefender.ts';
import { describeCompany, type CompanyFacts } from './describeCompany.ts';
import type { Cloud } from './entra/clouds.ts';
import { createEntra } from './entra/createEntra.ts';
import { azureKeyVault } from './entra/resources.ts';
import { trustIdentity } from './entra/trustIdentity.ts';
import { createGraph } from './graph/createGraph.ts';
import { listen, type Listener } from './http/listen.ts';
import { serveService } from './http/serveService.ts';
import type { Service } from './http/Service.ts';
import { createIdentityEndpoint, identityPath } from './identity/createIdentityEndpoint.ts';
import { createKeyVault } from './keyVault/createKeyVault.ts';
import { createWorld, type World } from './World.ts';

/** How the simulator starts. */
export interface SimulatorOptions {
  /** The certificate lives here; created when missing. */
  readonly dataFolder: string;
  /** Decides the company, its history and the order of unordered answers. @default 1 */
  readonly seed?: number;
  /** Absent or 0: any free port. */
  readonly ports?: SimulatorPorts;
  /** Alerts of the past 48 hours to start with. @default 0 */
  readonly history?: number;
  /** Mean time between alerts that come by themselves; absent: none come. */
  readonly arrivalMeanSeconds?: number;
  /** The cloud of the company's tenant, and so of Entra. @default 'global' */
  readonly cloud?: Cloud;
}

/** One port for each part. */
export interface SimulatorPorts {
  readonly entra?: number;
  readonly identity?: number;
  readonly keyVault?: number;
  readonly defender?: number;
  readonly control?: number;
  readonly graph?: number;
}

/** A running simulator. */
export interface Simulator {
  /** Base URLs; `identity` is the whole `IDENTITY_ENDPOINT`. */
  readonly urls: {
    readonly entra: string;
    readonly identity: string;
    readonly keyVault: string;
    readonly defender: string;
    readonly graph: string;
    readonly control: string;
  };
  /** PEM file for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  /** For `IDENTITY_HEADER`; new for each start. */
  readonly identityHeader: string;
  readonly company: CompanyFacts;
  /** Stops listening, cuts open connections and calls off everything that was due. */
  stop(): Promise<void>;
}

/** Starts all services on 127.0.0.1; throws `StartError` when a port cannot be had. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { dataFolder, seed = 1, ports = {}, history = 0, arrivalMeanSeconds, cloud = 'global' } = options;
  const [tls, world] = await Promise.all([readOrCreateCertificate(dataFolder), createWorld(seed, cloud)]);
  const identityHeader = randomBytes(16).toString('hex').toUpperCase();
  const services = new Listeners();
  const base = { entra: '', keyVault: '', defender: '', graph: '' };
  const { company, clock } = world;
  try {
    const nowTicks = clock.nowTicks();
    const order = { company, seed, count: history, nowTicks };
    loadHistory(
      world.estates.home.alerts,
      order,
      arrivalMeanSeconds === undefined ? undefined : world.scheduler,
    );
    const start = (service: Service, port: number | undefined, secure?: typeof tls): Promise<number> =>
      services.start({
        name: service.name,
        port: port ?? 0,
        ...(secure === undefined ? {} : { tls: secure }),
        onRequest: serveService({
          service,
          clock,
          faults: world.faults,
          log: world.log,
          findTenant: (name) => world.directory.findTenant(name)?.id,
        }),
      });
    base.entra = `https://localhost:${await start(
      createEntra(world.tokenEndpoint, () => base.entra),
      ports.entra,
      tls,
    )}`;
    for (const principal of [world.application, world.api])
      trustIdentity(principal, world.identities.userAssigned, { entraUrl: base.entra, cloud });
    base.keyVault = `https://localhost:${await start(createVault(world, base), ports.keyVault, tls)}`;
    base.defender = `https://localhost:${await start(createDefenderOf(world, base), ports.defender, tls)}`;
    base.graph = `https://localhost:${await start(createGraphOf(world, base), ports.graph, tls)}`;
    const identityPort = await start(
      createIdentity(world, identityHeader, () => base.entra),
      ports.identity,
    );
    const controlPort = await services.start({
      name: 'control',
      port: ports.control ?? 0,
      onRequest: createControl(world, () => base.entra),
    });
    world.arrivals.set(arrivalMeanSeconds);
    return {
      urls: {
        ...base,
        identity: `http://127.0.0.1:${identityPort}${identityPath}`,
        control: `http://127.0.0.1:${controlPort}`,
      },
      caFile: tls.caFile,
      identityHeader,
      company: describeCompany(world),
      async stop() {
        world.scheduler.stop();
        await services.stop();
      },
    };
  } catch (error) {
    world.scheduler.stop();
    await services.stop();
    throw error;
  }
}

class Listeners {
  readonly #open: Listener[] = [];

  async start(options: Parameters<typeof listen>[0]): Promise<number> {
    const listener = await listen(options);
    this.#open.push(listener);
    return listener.port;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((listener) => listener.close()));
  }
}

interface BaseUrls {
  readonly entra: string;
  readonly keyVault: string;
  readonly defender: string;
  readonly graph: string;
}

function createVault(world: World, base: BaseUrls): Service {
  const { secrets, secretReaders, secretOfficers, company } = world;
  const { keys, clock } = world.tokenEndpoint;
  return createKeyVault({
    keys,
    clock,
    secrets,
    secretReaders,
    secretOfficers,
    authority: () => `${base.entra}/${company.tenantId}`,
    resource: azureKeyVault.servicePrincipalNames[world.tokenEndpoint.cloud].join(),
    baseUrl: () => base.keyVault,
  });
}

function createDefenderOf(world: World, base: BaseUrls): Service {
  const { tokenEndpoint, estates, hunting, quota } = world;
  const { keys, clock } = tokenEndpoint;
  return createDefender({
    keys,
    clock,
    estates,
    hunting,
    quota,
    baseUrl: () => base.defender,
  });
}

function createGraphOf({ tokenEndpoint, estates, hunting, quota }: World, base: BaseUrls): Service {
  const { keys, clock } = tokenEndpoint;
  return createGraph({ keys, clock, estates, hunting, quota, baseUrl: () => base.graph });
}

function createIdentity(
  { tokenEndpoint, identities, identityCache }: World,
  identityHeader: string,
  entraUrl: () => string,
): Service {
  const { keys, clock, directory } = tokenEndpoint;
  return createIdentityEndpoint({
    keys,
    clock,
    directory,
    entraUrl,
    identityHeader,
    systemAssigned: identities.systemAssigned,
    userAssigned: [identities.userAssigned],
    cache: identityCache,
  });
}
