import Module from 'node:module';
import type { FunctionMetadata, InvocationRequest, RpcTypedData } from '../workerProtocol.ts';

/** A function's handler: takes the trigger's input and the invocation context. */
export type FunctionCallback = (...args: unknown[]) => unknown;

/** A hook's handler; its context depends on the hook. */
export type HookCallback = (context: object) => unknown;

/** What the Functions library is given for one invocation. */
export interface CoreInvocationContext {
  invocationId: string;
  metadata: FunctionMetadata;
  request: InvocationRequest;
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log: (level: string, category: string, message: string) => void;
}

/** The library's side of one invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: RpcTypedData | null }>;
}

/** The library itself, as it introduces itself to the runtime. */
export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): Promise<InvocationModel> | InvocationModel;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string>>;
}

/** What the app has registered so far. */
export interface AppRegistry {
  readonly functions: Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>;
  readonly hooks: Map<string, HookCallback[]>;
  readonly appHookData: Record<string, unknown>;
  readonly appLevelHookData: Record<string, unknown>;
  model: ProgrammingModel | undefined;
  /** True once the app has started: registering then is an error. */
  locked: boolean;
}

/** A registry with nothing in it. */
export function createAppRegistry(): AppRegistry {
  return {
    functions: new Map(),
    hooks: new Map(),
    appHookData: {},
    appLevelHookData: {},
    model: undefined,
    locked: false,
  };
}

const CORE_MODULE_ID = '@azure/functions-core';

/** Undoes a registration; the library re-exports the class. */
class Disposable {
  readonly #dispose: () => unknown;

  constructor(dispose: () => unknown = () => undefined) {
    this.#dispose = dispose;
  }

  static from(...items: { dispose: () => unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }

  dispose(): unknown {
    return this.#dispose();
  }
}

/**
 * Answers `require('@azure/functions-core')`, which only the Functions runtime can: the package does not exist on npm.
 *
 * Must run before the app's first `app.*` call, because the Functions library caches the answer.
 * Source: src/setupCoreModule.ts of Azure/azure-functions-nodejs-worker
 */
export function provideCoreModule(registry: AppRegistry, log: CoreInvocationContext['log']): void {
  const core = createCoreModule(registry, log);
  const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
  prototype.require = new Proxy(prototype.require, {
    apply: (target, thisArgument, args: [string]): unknown =>
      args[0] === CORE_MODULE_ID ? core : Reflect.apply(target, thisArgument, args),
  });
}

function createCoreModule(registry: AppRegistry, log: CoreInvocationContext['log']): object {
  return {
    version: '3.9.1',
    hostVersion: '4.1037.0',
    Disposable,
    log,
    setProgrammingModel(model: ProgrammingModel): void {
      if (registry.locked) throw new Error('A programming model can only be set during app startup.');
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
      if (registry.locked) throw new Error('A function can only be registered during app startup.');
      const id = metadata.functionId ?? metadata.name;
      if (registry.functions.has(id)) {
        throw new Error(`A function with id "${id}" has already been registered.`);
      }
      registry.functions.set(id, { metadata, callback });
      return new Disposable(() => {
        if (registry.locked) throw new Error('A function can only be disposed during app startup.');
        registry.functions.delete(id);
      });
    },
    registerHook(name: string, callback: HookCallback): Disposable {
      const hooks = registry.hooks.get(name) ?? [];
      registry.hooks.set(name, [...hooks, callback]);
      return new Disposable(() => {
        registry.hooks.set(
          name,
          (registry.hooks.get(name) ?? []).filter((hook) => hook !== callback),
        );
      });
    },
  };
}
