import { availableParallelism } from 'node:os';
import path from 'node:path';
import { asObject, findSetting, readJsonFile, type Env } from './appSettings.ts';
import { LocalHostError } from './LocalHostError.ts';
import { parseTimeSpan } from './timeSpan.ts';

/** How queue triggers behave: host.json `extensions.queues`, times in milliseconds. */
export interface QueueOptions {
  batchSize: number;
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** How long a failed message stays hidden before it is tried again. */
  visibilityTimeoutMs: number;
  maxPollingIntervalMs: number;
  messageEncoding: 'base64' | 'none';
}

/** The part of host.json that the local host obeys. */
export interface HostConfiguration {
  routePrefix: string;
  /** Undefined: no limit. */
  functionTimeoutMs: number | undefined;
  queues: QueueOptions;
  /** Log category in lower case to level name, e.g. `function.pullalerts` to `Warning`. */
  logLevels: ReadonlyMap<string, string>;
}

const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;
// The host uses 2 s in the Development environment, which Core Tools set, and 60 s elsewhere.
const DEVELOPMENT_POLLING_INTERVAL_MS = 2000;
const MINIMUM_POLLING_INTERVAL_MS = 100;
const MAXIMUM_BATCH_SIZE = 32;
const OVERRIDE_PREFIX = 'azurefunctionsjobhost';

/**
 * host.json of the app, with every value that the environment overrides (`AzureFunctionsJobHost__a__b`, as the
 * real host does). Missing file: defaults. Throws `LocalHostError` naming the value that cannot be used.
 */
export async function readHostConfiguration(appFolder: string, settings: Env): Promise<HostConfiguration> {
  const file = (await readJsonFile(path.join(appFolder, 'host.json'))) ?? { version: '2.0' };
  if (file.version !== '2.0') throw new LocalHostError('host.json must have "version": "2.0".');
  const values = new Map<string, string>();
  flatten(file, [], values);
  for (const [name, value] of Object.entries(settings)) {
    const [prefix, ...rest] = name.toLowerCase().split(/__|:/);
    if (prefix === OVERRIDE_PREFIX && rest.length > 0 && value !== undefined)
      values.set(rest.join(':'), value);
  }
  return {
    routePrefix: (values.get('extensions:http:routeprefix') ?? 'api').replaceAll(/^\/+|\/+$/g, ''),
    functionTimeoutMs: functionTimeout(values),
    queues: queueOptions(values),
    logLevels: logLevels(values),
  };
}

/** The connection string behind a binding's `connection`; without one the host uses `AzureWebJobsStorage`. */
export function findConnectionString(settings: Env, connection: string | undefined): string | undefined {
  const name = connection === undefined || connection === '' ? 'Storage' : connection;
  return findSetting(settings, `AzureWebJobs${name}`) ?? findSetting(settings, name);
}

function flatten(value: unknown, keys: readonly string[], into: Map<string, string>): void {
  const object = asObject(value);
  if (object !== undefined) {
    for (const [key, child] of Object.entries(object)) flatten(child, [...keys, key.toLowerCase()], into);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    into.set(keys.join(':'), String(value));
  }
}

function functionTimeout(values: ReadonlyMap<string, string>): number | undefined {
  const text = values.get('functiontimeout');
  if (text === '-1') return undefined;
  const ms = timeSpan(values, 'functionTimeout', DEFAULT_FUNCTION_TIMEOUT_MS);
  if (ms < 1000)
    throw new LocalHostError('host.json functionTimeout must be at least 00:00:01, or -1 for no limit.');
  return ms;
}

function queueOptions(values: ReadonlyMap<string, string>): QueueOptions {
  const batchSize = integer(values, 'extensions:queues:batchSize', 16, 1, MAXIMUM_BATCH_SIZE);
  const polling = timeSpan(values, 'extensions:queues:maxPollingInterval', DEVELOPMENT_POLLING_INTERVAL_MS);
  if (polling < MINIMUM_POLLING_INTERVAL_MS) {
    throw new LocalHostError('host.json extensions.queues.maxPollingInterval must be at least 00:00:00.100.');
  }
  const encoding = (values.get('extensions:queues:messageencoding') ?? 'base64').toLowerCase();
  if (encoding !== 'base64' && encoding !== 'none') {
    throw new LocalHostError(
      `host.json extensions.queues.messageEncoding must be base64 or none, not "${encoding}".`,
    );
  }
  const defaultThreshold = Math.floor(batchSize / 2) * availableParallelism();
  return {
    batchSize,
    newBatchThreshold: integer(values, 'extensions:queues:newBatchThreshold', defaultThreshold, 0),
    maxDequeueCount: integer(values, 'extensions:queues:maxDequeueCount', 5, 1),
    visibilityTimeoutMs: timeSpan(values, 'extensions:queues:visibilityTimeout', 0),
    maxPollingIntervalMs: polling,
    messageEncoding: encoding,
  };
}

function integer(
  values: ReadonlyMap<string, string>,
  name: string,
  fallback: number,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  const text = values.get(name.toLowerCase());
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new LocalHostError(
      `host.json ${name.replaceAll(':', '.')} "${text}" is not a whole number in its range.`,
    );
  }
  return value;
}

function timeSpan(values: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = values.get(name.toLowerCase());
  if (text === undefined) return fallback;
  const ms = parseTimeSpan(text);
  if (ms === undefined || ms < 0) {
    throw new LocalHostError(
      `host.json ${name.replaceAll(':', '.')} "${text}" is not a time span like 00:01:00.`,
    );
  }
  return ms;
}

function logLevels(values: ReadonlyMap<string, string>): Map<string, string> {
  const prefix = 'logging:loglevel:';
  return new Map(
    [...values]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
