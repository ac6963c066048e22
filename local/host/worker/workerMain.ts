import { messageOf } from '../LocalHostError.ts';
import type { FunctionMetadata, HostMessage, InvocationError, WorkerMessage } from '../workerProtocol.ts';
import { createAppRegistry, provideCoreModule } from './coreModule.ts';
import { invokeFunction } from './invokeFunction.ts';
import { loadApp } from './loadApp.ts';

// The process in which the app runs. The host starts it, and it ends with the host: see the `disconnect` handler.

const registry = createAppRegistry();

function send(message: WorkerMessage, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, {}, sent);
  else sent();
}

function log(level: string, category: string, message: string, functionName?: string): void {
  const context = { hookData: {}, appHookData: registry.appHookData, level, category, message };
  for (const hook of registry.hooks.get('log') ?? []) hook(context);
  send({
    type: 'log',
    level: context.level,
    category,
    message: context.message,
    ...(functionName === undefined ? {} : { functionName }),
  });
}

async function load(message: Extract<HostMessage, { type: 'load' }>): Promise<void> {
  try {
    await loadApp(registry, { appFolder: message.appFolder, entryFile: message.entryFile });
    const functions = [...registry.functions.values()].map(({ metadata }) => toPlainData(metadata));
    send({ type: 'loaded', functions });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    send({ type: 'loadFailed', message: messageOf(error), stack: stackOf(cause) });
  }
}

async function invoke({ request }: Extract<HostMessage, { type: 'invoke' }>): Promise<void> {
  const { invocationId, functionId } = request;
  const name = registry.functions.get(functionId)?.metadata.name ?? functionId;
  try {
    const returnValue = await invokeFunction(registry, request, (level, category, message) => {
      log(level, category, message, name);
    });
    send({
      type: 'result',
      invocationId,
      outcome: { ok: true, ...(returnValue === undefined ? {} : { returnValue }) },
    });
  } catch (error) {
    send({ type: 'result', invocationId, outcome: { ok: false, error: toInvocationError(error) } });
  }
}

async function terminate(): Promise<void> {
  try {
    for (const hook of registry.hooks.get('appTerminate') ?? []) {
      await hook({ hookData: registry.appLevelHookData, appHookData: registry.appHookData });
    }
  } finally {
    process.exit(0);
  }
}

function toInvocationError(error: unknown): InvocationError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return {
    message: messageOf(error),
    name: error instanceof Error ? error.name : 'Error',
    stack: stackOf(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
}

// Options are data, but nothing stops an app from adding a function or a class to them.
function toPlainData(metadata: FunctionMetadata): FunctionMetadata {
  return JSON.parse(JSON.stringify(metadata)) as FunctionMetadata;
}

provideCoreModule(registry, (level, category, message) => {
  log(level, category, message);
});

process.on('message', (message: HostMessage) => {
  if (message.type === 'load') void load(message);
  else if (message.type === 'invoke') void invoke(message);
  else void terminate();
});
process.on('disconnect', () => {
  process.exit(0);
});
process.on('uncaughtException', (error: unknown) => {
  send({ type: 'fatal', message: messageOf(error), stack: stackOf(error) }, () => process.exit(1));
});
// Ctrl+C reaches the whole process group; the host decides when the worker ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
