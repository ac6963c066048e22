import { randomBytes } from 'node:crypto';
import { readOrCreateCertificate } from './certificate.ts';
import { loadHistory } from './company/loadHistory.ts';
import { createControl } from './control/createControl.ts';
import { createDefender } from './defender/createDefender.ts';
import { callerApi, callerApiAudience } from './entra/callerApi.ts';
import { mapCallers, type CallerName } from './entra/callers.ts';
import { createEntra } from './entra/createEntra.ts';
import { createGraph } from './graph/createGraph.ts';
import { listen, type Listener } from './http/listen.ts';
import { serveService } from './http/serveService.ts';
import type { Service } from './http/Service.ts';
import { createIdentityEndpoint, identityPath } from './identity/createIdentityEndpoint.ts';
import { createKeyVault } from './keyVault/createKeyVault.ts';
import { createWorld, secretName, type World } from './World.ts';

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
  readonly company: {
    readonly tenantId: string;
    readonly tenantDomain: string;
    /** The application with a secret. */
    readonly defenderClientId: string;
    /** The name of that secret in the vault. */
    readonly secretName: string;
    readonly userAssignedClientId: string;
    readonly systemAssignedPrincipalId: string;
    /** Client id of the functions' own API: `aud` of version 2 tokens. */
    readonly apiClientId: string;
    /** Its identifier URI: `aud` of version 1 tokens, and what callers ask for, followed by `/.default`. */
    readonly apiAudience: string;
    /** The applications that call it. */
    readonly callerClientIds: Readonly<Record<CallerName, string>>;
  };
  /** Stops listening, cuts open connections and calls off everything that was due. */
  stop(): Promise<void>;
}

/** Starts all services on 127.0.0.1; throws `StartError` when a port cannot be had. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { dataFolder, seed = 1, ports = {}, history = 0, arrivalMeanSeconds } = options;
  const [tls, world] = await Promise.all([readOrCreateCertificate(dataFolder), createWorld(seed)]);
  const identityHeader = randomBytes(16).toString('hex').toUpperCase();
  const services = new Listeners();
  const base = { entra: '', keyVault: '', defender: '', graph: '' };
  const { company, clock } = world;
  try {
    const nowTicks = clock.nowTicks();
    const order = { company, seed, count: history, nowTicks };
    loadHistory(world.alerts, order, arrivalMeanSeconds === undefined ? undefined : world.scheduler);
    const start = (service: Service, port: number | undefined, secure?: typeof tls): Promise<number> =>
      services.start({
        name: service.name,
        port: port ?? 0,
        ...(secure === undefined ? {} : { tls: secure }),
        onRequest: serveService({ service, clock, faults: world.faults, log: world.log }),
      });
    base.entra = `https://localhost:${await start(
      createEntra(world.tokenEndpoint, () => base.entra),
      ports.entra,
      tls,
    )}`;
    base.keyVault = `https://localhost:${await start(createVault(world, base), ports.keyVault, tls)}`;
    base.defender = `https://localhost:${await start(createDefenderOf(world, base), ports.defender, tls)}`;
    base.graph = `https://localhost:${await start(createGraphOf(world, base), ports.graph, tls)}`;
    const identityPort = await start(createIdentity(world, identityHeader), ports.identity);
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
      company: {
        tenantId: company.tenantId,
        tenantDomain: company.tenantDomain,
        defenderClientId: world.application.appId,
        secretName,
        userAssignedClientId: world.identities.userAssigned.appId,
        systemAssignedPrincipalId: world.identities.systemAssigned.objectId,
        apiClientId: callerApi.appId,
        apiAudience: callerApiAudience,
        callerClientIds: mapCallers((name) => world.callers.applications[name].appId),
      },
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
    baseUrl: () => base.keyVault,
  });
}

function createDefenderOf(world: World, base: BaseUrls): Service {
  const { tokenEndpoint, alerts, machines, machineActions, hunting, quota } = world;
  const { keys, clock } = tokenEndpoint;
  return createDefender({
    keys,
    clock,
    alerts,
    machines,
    machineActions,
    hunting,
    quota,
    baseUrl: () => base.defender,
  });
}

function createGraphOf({ tokenEndpoint, hunting }: World, base: BaseUrls): Service {
  const { keys, clock } = tokenEndpoint;
  return createGraph({ keys, clock, hunting, baseUrl: () => base.graph });
}

function createIdentity(
  { tokenEndpoint, identities, identityCache }: World,
  identityHeader: string,
): Service {
  const { keys, clock } = tokenEndpoint;
  return createIdentityEndpoint({
    keys,
    clock,
    identityHeader,
    systemAssigned: identities.systemAssigned,
    userAssigned: [identities.userAssigned],
    cache: identityCache,
  });
}
