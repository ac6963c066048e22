/**
 * What the host process and the worker process say to each other, over Node's IPC channel with
 * `serialization: 'advanced'` (bodies stay bytes).
 */

/** A value on its way to or from a function, in the shape that the Functions library expects. */
export interface RpcTypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  int?: number;
  double?: number;
  http?: RpcHttp;
}

/** An HTTP request (method to body) or response (statusCode to body). */
export interface RpcHttp {
  method?: string;
  url?: string;
  nullableHeaders?: Record<string, { value: string }>;
  nullableParams?: Record<string, { value: string }>;
  nullableQuery?: Record<string, { value: string }>;
  statusCode?: string;
  headers?: Record<string, string>;
  cookies?: RpcHttpCookie[];
  body?: RpcTypedData | null;
}

/** A cookie of an HTTP response as the Functions library hands it over. */
export interface RpcHttpCookie {
  name: string;
  value: string;
  domain?: { value?: string };
  path?: { value?: string };
  expires?: { value?: { seconds?: number } };
  secure?: { value?: boolean };
  httpOnly?: { value?: boolean };
  sameSite?: string;
  maxAge?: { value?: number };
}

/** One binding as the app registered it, e.g. `{type: 'timerTrigger', name, direction: 'in', schedule}`. */
export interface BindingMetadata {
  type: string;
  name: string;
  direction: string;
  [option: string]: unknown;
}

/** Retry options as the Functions library hands them over. */
export interface RetryMetadata {
  retryStrategy?: string;
  maxRetryCount?: number;
  delayInterval?: { seconds?: number };
  minimumInterval?: { seconds?: number };
  maximumInterval?: { seconds?: number };
}

/** A function as the app registered it; settings (`%NAME%`) are not resolved yet. */
export interface FunctionMetadata {
  name: string;
  functionId?: string;
  bindings: Record<string, BindingMetadata>;
  retryOptions?: RetryMetadata;
}

/** One call of a function. */
export interface InvocationRequest {
  invocationId: string;
  functionId: string;
  inputData: { name: string; data: RpcTypedData }[];
  triggerMetadata: Record<string, RpcTypedData>;
  traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> };
  retryContext?: {
    retryCount: number;
    maxRetryCount: number;
    exception?: { message: string; source: string };
  };
}

/** What a function threw. */
export interface InvocationError {
  message: string;
  name: string;
  code?: string;
  stack?: string;
}

/** How a call ended. */
export type InvocationOutcome =
  { ok: true; returnValue?: RpcTypedData | null } | { ok: false; error: InvocationError };

/** Host to worker. */
export type HostMessage =
  | { type: 'load'; appFolder: string; entryFile?: string }
  | { type: 'invoke'; request: InvocationRequest }
  | { type: 'terminate' };

/** Worker to host. */
export type WorkerMessage =
  | { type: 'loaded'; functions: FunctionMetadata[] }
  | { type: 'loadFailed'; message: string; stack: string }
  | { type: 'log'; functionName?: string; level: string; category: string; message: string }
  | { type: 'result'; invocationId: string; outcome: InvocationOutcome }
  | { type: 'fatal'; message: string; stack: string };
