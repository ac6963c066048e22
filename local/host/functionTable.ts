import { findConnectionString, type HostConfiguration } from './hostConfiguration.ts';
import { findSetting, resolveSettings, type Env } from './appSettings.ts';
import { LocalHostError, messageOf } from './LocalHostError.ts';
import { parseRetryPolicy, type RetryPolicy } from './retryPolicy.ts';
import { parseRouteTemplate, type RouteTemplate } from './routeTemplate.ts';
import { parseSchedule, type TimerSchedule } from './timerSchedule.ts';
import type { BindingMetadata, FunctionMetadata } from './workerProtocol.ts';

/** An HTTP trigger; the route includes the prefix of host.json. */
export interface HttpDetails {
  kind: 'http';
  route: RouteTemplate;
  methods: readonly string[];
  authLevel: 'anonymous' | 'function' | 'admin';
}

/** A timer trigger. */
export interface TimerDetails {
  kind: 'timer';
  /** The schedule as text, settings resolved. */
  expression: string;
  schedule: TimerSchedule;
  useMonitor: boolean;
  runOnStartup: boolean;
}

/** A storage queue trigger. */
export interface QueueDetails {
  kind: 'queue';
  queueName: string;
  connectionString: string;
}

/** A function of the app, with its trigger understood and its settings resolved. */
export interface HostFunction {
  name: string;
  metadata: FunctionMetadata;
  trigger: BindingMetadata;
  details: HttpDetails | TimerDetails | QueueDetails;
  retry: RetryPolicy | undefined;
  /** Switched off by the setting `AzureWebJobs.<name>.Disabled`. */
  disabled: boolean;
}

/** A function that the host cannot run; the others run all the same. */
export interface FunctionInError {
  name: string;
  metadata: FunctionMetadata;
  error: string;
}

interface TableContext {
  settings: Env;
  configuration: HostConfiguration;
}

const FUNCTION_NAME = /^[a-z][a-z0-9_-]{0,127}$/i;
const QUEUE_NAME = /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/;

/**
 * Checks what the app registered, as the host does before it starts any trigger. A function that fails a check is in
 * error, with the reason; it never keeps the others from running.
 */
export function createFunctionTable(
  registered: readonly FunctionMetadata[],
  context: TableContext,
): { functions: HostFunction[]; inError: FunctionInError[] } {
  const functions: HostFunction[] = [];
  const inError: FunctionInError[] = [];
  for (const metadata of registered) {
    try {
      const fn = understand(metadata, context);
      checkAgainstOthers(fn, functions);
      functions.push(fn);
    } catch (error) {
      inError.push({ name: metadata.name, metadata, error: messageOf(error) });
    }
  }
  return { functions, inError };
}

function understand(metadata: FunctionMetadata, context: TableContext): HostFunction {
  const { name } = metadata;
  if (!FUNCTION_NAME.test(name) || name.toLowerCase() === 'host') {
    throw new LocalHostError(`'${name}' is not a valid function name.`);
  }
  const retry = parseRetryPolicy(metadata.retryOptions);
  const bindings = Object.values(metadata.bindings);
  const triggers = bindings.filter(({ type }) => /trigger$/i.test(type));
  const [trigger] = triggers;
  if (trigger === undefined || triggers.length > 1) {
    throw new LocalHostError('A function must have exactly one trigger binding.');
  }
  const other = bindings.find((binding) => binding !== trigger && binding.type.toLowerCase() !== 'http');
  if (other !== undefined) {
    throw new LocalHostError(`The binding type '${other.type}' is not supported by the local host.`);
  }
  const disabledBy = findSetting(context.settings, `AzureWebJobs.${name}.Disabled`) ?? '';
  return {
    name,
    metadata,
    trigger,
    details: triggerDetails(name, trigger, context),
    retry,
    disabled: /^(true|1)$/i.test(disabledBy),
  };
}

function triggerDetails(
  name: string,
  trigger: BindingMetadata,
  context: TableContext,
): HostFunction['details'] {
  switch (trigger.type.toLowerCase()) {
    case 'httptrigger':
      return httpDetails(name, trigger, context);
    case 'timertrigger':
      return timerDetails(trigger, context);
    case 'queuetrigger':
      return queueDetails(trigger, context);
    default:
      throw new LocalHostError(`The binding type '${trigger.type}' is not supported by the local host.`);
  }
}

function httpDetails(name: string, trigger: BindingMetadata, context: TableContext): HttpDetails {
  const given = resolveSettings(textOf(trigger.route) ?? '', context.settings);
  const own = given.trim() === '' ? name : given;
  if (/^\/*(admin|runtime)/i.test(own)) {
    throw new LocalHostError('The specified route conflicts with one or more built in routes.');
  }
  const { routePrefix } = context.configuration;
  const authLevel = (textOf(trigger.authLevel) ?? 'function').toLowerCase();
  if (authLevel !== 'anonymous' && authLevel !== 'function' && authLevel !== 'admin') {
    throw new LocalHostError(`The authLevel '${authLevel}' is not anonymous, function or admin.`);
  }
  const methods = Array.isArray(trigger.methods)
    ? trigger.methods.map((method) => String(method).toUpperCase())
    : [];
  return {
    kind: 'http',
    route: parseRouteTemplate(routePrefix === '' ? own : `${routePrefix}/${own}`),
    methods,
    authLevel,
  };
}

function timerDetails(trigger: BindingMetadata, context: TableContext): TimerDetails {
  const expression = resolveSettings(textOf(trigger.schedule) ?? '', context.settings);
  const schedule = parseSchedule(expression);
  return {
    kind: 'timer',
    expression,
    schedule,
    useMonitor: trigger.useMonitor !== false && !schedule.isSubMinute,
    runOnStartup: trigger.runOnStartup === true,
  };
}

function queueDetails(trigger: BindingMetadata, context: TableContext): QueueDetails {
  const queueName = resolveSettings(textOf(trigger.queueName) ?? '', context.settings).toLowerCase();
  if (!QUEUE_NAME.test(queueName)) throw new LocalHostError(`'${queueName}' is not a valid queue name.`);
  const connection = textOf(trigger.connection);
  const connectionString = findConnectionString(context.settings, connection);
  if (connectionString === undefined || connectionString === '') {
    const name = connection === undefined || connection === '' ? 'AzureWebJobsStorage' : connection;
    throw new LocalHostError(`The setting '${name}' must hold a storage connection string.`);
  }
  return { kind: 'queue', queueName, connectionString };
}

function checkAgainstOthers(fn: HostFunction, others: readonly HostFunction[]): void {
  if (others.some(({ name }) => name.toLowerCase() === fn.name.toLowerCase())) {
    throw new LocalHostError(`The function name '${fn.name}' must be unique within the function app.`);
  }
  const { details } = fn;
  if (details.kind !== 'http') return;
  const rival = others.find((other) => other.details.kind === 'http' && isConflict(details, other.details));
  if (rival !== undefined) {
    throw new LocalHostError(
      `The route specified conflicts with the route defined by function '${rival.name}'.`,
    );
  }
}

function isConflict(a: HttpDetails, b: HttpDetails): boolean {
  if (a.route.text.toLowerCase() !== b.route.text.toLowerCase()) return false;
  return (
    a.methods.length === 0 || b.methods.length === 0 || a.methods.some((method) => b.methods.includes(method))
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
