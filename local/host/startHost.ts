import { existsSync } from 'node:fs';
import path from 'node:path';
import { createAdminApi } from './adminApi.ts';
import { readAppSettings, type Env } from './appSettings.ts';
import { createFunctionTable, type FunctionInError, type HostFunction } from './functionTable.ts';
import { FunctionRunner } from './FunctionRunner.ts';
import { readHostConfiguration } from './hostConfiguration.ts';
import { HostLog } from './HostLog.ts';
import { createFrontEnd } from './httpFrontEnd.ts';
import { listen, type HttpServer } from './httpServer.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { LocalHostError } from './LocalHostError.ts';
import { createRouteTable } from './routeTable.ts';
import { WorkerSupervisor } from './WorkerSupervisor.ts';

/** How to run an app. */
export interface LocalHostOptions {
  /** Folder with package.json and host.json of the app. */
  appFolder: string;
  /** 0: any free port. Default 7071. */
  port?: number;
  /** Where the status of timers is kept; created when missing. */
  stateFolder: string;
  /** The environment of the host and of the app's process; nothing is taken from this process. */
  env: Env;
  /** Takes each line of the log; default: standard output. */
  onLog?: (line: string) => void;
  /** How long `stop` waits for running functions. Default 10,000. */
  stopGraceMs?: number;
}

/** One function of the app as the host sees it. */
export interface LocalFunction {
  name: string;
  /** The type of the trigger binding, e.g. `timerTrigger`. */
  trigger: string;
  /** Methods and route, schedule, or queue name. */
  detail: string;
  /** Why the host cannot run it. */
  error?: string;
}

/** A running host. */
export interface LocalHost {
  readonly url: string;
  readonly functions: readonly LocalFunction[];
  /** Resolves with the reason when the app crashed too often to be started again. Never rejects. */
  readonly gaveUp: Promise<string>;
  /** Stops taking work, waits for running functions, ends the app's process. Calling it again changes nothing. */
  stop(): Promise<void>;
}

const DEFAULT_PORT = 7071;
const DEFAULT_STOP_GRACE_MS = 10_000;

/**
 * Starts the app in `appFolder` as the Functions runtime does and resolves when its triggers are live.
 *
 * Throws `LocalHostError` with a message for the user: port in use, host.json not usable, the app does not load or
 * registers no function. A function that fails a check is listed with `error`; the others run.
 */
export async function startHost(options: LocalHostOptions): Promise<LocalHost> {
  const appFolder = path.resolve(options.appFolder);
  if (!existsSync(appFolder)) throw new LocalHostError(`There is no folder ${appFolder}.`);
  const settings = await readAppSettings(appFolder, options.env);
  const log = new HostLog({
    write: options.onLog ?? ((line) => process.stdout.write(`${line}\n`)),
    minimum: settings.LOCAL_HOST_LOG,
  });
  const configuration = await readHostConfiguration(appFolder, settings);
  log.configure(configuration.logLevels);
  const server = await listen(options.port ?? DEFAULT_PORT);
  const worker = new WorkerSupervisor({
    appFolder,
    env: workerEnvironment(settings, { appFolder, port: server.port }),
    log,
    functionTimeoutMs: configuration.functionTimeoutMs,
  });
  try {
    const registered = await worker.load();
    if (registered.length === 0)
      throw new LocalHostError('The app registers no functions, so there is nothing to run.');
    const { functions, inError } = createFunctionTable(registered, { settings, configuration });
    const runner = new FunctionRunner({ invoke: (request) => worker.invoke(request), log });
    const listeners = createListeners({
      functions,
      inError,
      configuration,
      settings,
      runner,
      log,
      stateFolder: options.stateFolder,
    });
    const admin = {
      hostId: path.basename(appFolder),
      functions,
      inError,
      runner,
      inputFor: (fn: HostFunction, input: string | undefined) => listeners.inputFor(fn, input),
    };
    await listeners.start();
    server.handle(
      createFrontEnd({
        findRoute: createRouteTable(functions),
        runner,
        handleAdmin: createAdminApi(admin),
        functionKey: settings.LOCAL_HOST_FUNCTION_KEY,
      }),
    );
    const described = describe(functions, inError);
    const url = `http://127.0.0.1:${server.port}`;
    announce(log, { url, functions: described, keysChecked: settings.LOCAL_HOST_FUNCTION_KEY !== undefined });
    const stop = stopOnce(
      { server, worker, runner, listeners },
      options.stopGraceMs ?? DEFAULT_STOP_GRACE_MS,
    );
    return { url, functions: described, gaveUp: worker.gaveUp, stop };
  } catch (error) {
    server.closeConnections();
    await Promise.all([server.close(), worker.stop(0)]);
    throw error;
  }
}

// What Core Tools set for the app as well.
function workerEnvironment(settings: Env, { appFolder, port }: { appFolder: string; port: number }): Env {
  return {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    AzureWebJobsScriptRoot: appFolder,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_HOSTNAME: `127.0.0.1:${port}`,
    ...settings,
  };
}

function describe(functions: readonly HostFunction[], inError: readonly FunctionInError[]): LocalFunction[] {
  const running = functions.map(({ name, trigger, details, disabled }) => ({
    name,
    trigger: trigger.type,
    detail: `${detailOf(details)}${disabled ? ' (disabled)' : ''}`,
  }));
  const broken = inError.map(({ name, metadata, error }) => {
    const trigger = Object.values(metadata.bindings).find(({ type }) => /trigger$/i.test(type));
    return { name, trigger: trigger?.type ?? '', detail: '', error };
  });
  return [...running, ...broken];
}

function detailOf(details: HostFunction['details']): string {
  switch (details.kind) {
    case 'http':
      return `${details.methods.join(',')} /${details.route.text}`;
    case 'timer':
      return details.expression;
    case 'queue':
      return details.queueName;
  }
}

function announce(
  log: HostLog,
  { url, functions, keysChecked }: { url: string; functions: readonly LocalFunction[]; keysChecked: boolean },
): void {
  for (const { name, error } of functions) {
    if (error !== undefined) log.host('error', `The function '${name}' is in error: ${error}`);
  }
  if (!keysChecked) {
    log.host('info', 'Function keys are not checked; set LOCAL_HOST_FUNCTION_KEY to have them checked.');
  }
  for (const { name, trigger, detail, error } of functions) {
    if (error === undefined) log.host('info', `Function ${name}: ${trigger} ${detail}`);
  }
  // The last line of the start: whoever waits for it has seen the functions.
  log.host('info', `Ready on ${url}`);
}

interface Parts {
  server: HttpServer;
  worker: WorkerSupervisor;
  runner: FunctionRunner;
  listeners: Listeners;
}

function stopOnce({ server, worker, runner, listeners }: Parts, graceMs: number): () => Promise<void> {
  const stop = async (): Promise<void> => {
    const closed = server.close();
    listeners.stop();
    runner.stopRetrying();
    await worker.stop(graceMs);
    // Only now do messages settle whose function was cut off.
    await listeners.settled();
    server.closeConnections();
    await closed;
  };
  let stopping: Promise<void> | undefined;
  return () => (stopping ??= stop());
}
