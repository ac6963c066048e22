import type { InvocationRequest, RpcTypedData } from '../workerProtocol.ts';
import type { AppRegistry, CoreInvocationContext } from './coreModule.ts';

/**
 * Runs one function through the Functions library, in the worker's order: arguments, preInvocation hooks (which may
 * replace inputs and handler), handler, postInvocation hooks (which may replace result and error), response.
 *
 * Throws what the handler threw; `throw undefined` and `throw null` count as success, as in the real worker.
 * Source: src/eventHandlers/InvocationHandler.ts of Azure/azure-functions-nodejs-worker
 */
export async function invokeFunction(
  registry: AppRegistry,
  request: InvocationRequest,
  log: CoreInvocationContext['log'],
): Promise<RpcTypedData | null | undefined> {
  const registered = registry.functions.get(request.functionId);
  if (registered === undefined || registry.model === undefined) {
    throw new Error(`Function code for '${request.functionId}' is not loaded and cannot be invoked.`);
  }
  const { metadata, callback } = registered;
  const core: CoreInvocationContext = { invocationId: request.invocationId, metadata, request, log };
  const model = await registry.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  const shared = { hookData: {}, appHookData: registry.appHookData, invocationContext: context };

  const before = { ...shared, inputs, functionCallback: callback };
  core.state = 'preInvocationHooks';
  await runHooks(registry, 'preInvocation', before);

  const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
  core.state = 'invocation';
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = 'postInvocationHooks';
  await runHooks(registry, 'postInvocation', after);
  core.state = undefined;

  // eslint-disable-next-line @typescript-eslint/only-throw-error -- handed on as the function threw it
  if (after.error !== null && after.error !== undefined) throw after.error;
  const response = await model.getResponse(context, after.result);
  return response.returnValue;
}

async function runHooks(registry: AppRegistry, name: string, context: object): Promise<void> {
  for (const hook of registry.hooks.get(name) ?? []) await hook(context);
}
