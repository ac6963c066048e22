import type { InputFault } from './InputInvalid.ts';

/** The Logic Apps run that a request belongs to. */
export interface WorkflowRun {
  readonly workflow: string | undefined;
  readonly runId: string;
  readonly action: string;
  readonly trackingId: string | undefined;
}

/** By what a repeated request is recognised. */
export type RequestKey =
  | { readonly kind: 'key'; readonly value: string }
  /** The action of a run is one request for each device and body: the branches of a loop share run and action. */
  | { readonly kind: 'run'; readonly runId: string; readonly action: string };

interface ReadableHeaders {
  get(name: string): string | null;
}

/** Header values end in table rows, comments and logs; this is more than Logic Apps send. */
const MAX_LENGTH = 255;

/**
 * The key of a request, or undefined when it has none.
 * Sources: draft-ietf-httpapi-idempotency-key-header-07, OASIS Repeatable Requests 1.0, and the headers of Logic Apps
 * (https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers).
 */
export function readRequestKey(headers: ReadableHeaders): RequestKey | InputFault | undefined {
  for (const name of ['Idempotency-Key', 'Repeatability-Request-ID']) {
    const text = headers.get(name);
    if (text === null) continue;
    const value = text.trim().replace(/^"(.*)"$/, '$1');
    if (!/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value) || value.length > MAX_LENGTH) {
      return { target: `header.${name}`, message: `must be 1 to ${MAX_LENGTH} printable ASCII characters` };
    }
    return { kind: 'key', value };
  }
  const run = readWorkflowRun(headers);
  return run && { kind: 'run', runId: run.runId, action: run.action };
}

/** The run, or undefined for a caller that is not Logic Apps. */
export function readWorkflowRun(headers: ReadableHeaders): WorkflowRun | undefined {
  const read = (name: string) => {
    const value = headers.get(name)?.trim();
    return value && !/\p{Cc}/u.test(value) ? value.slice(0, MAX_LENGTH) : undefined;
  };
  const runId = read('x-ms-workflow-run-id');
  const action = read('x-ms-workflow-operation-name');
  if (runId === undefined || action === undefined) return undefined;
  return { workflow: read('x-ms-workflow-name'), runId, action, trackingId: read('x-ms-client-tracking-id') };
}
