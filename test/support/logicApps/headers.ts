import { randomUUID } from 'node:crypto';

/**
 * Headers that Logic Apps takes out of a request without a word. Of `Content-*`, three stay.
 *
 * Source: https://learn.microsoft.com/azure/connectors/connectors-native-http#omitted-headers
 */
const droppedNames = new Set([
  'allow',
  'cookie',
  'expires',
  'host',
  'last-modified',
  'origin',
  'set-cookie',
  'transfer-encoding',
]);
const keptContentNames = new Set(['content-disposition', 'content-encoding', 'content-type']);

/** The headers of an action that are really sent, their names in lower case. */
export function toSentHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => !isDropped(name)));
}

function isDropped(name: string): boolean {
  if (name.startsWith('content-')) return !keptContentNames.has(name);
  return name.startsWith('accept-') || droppedNames.has(name);
}

/** Headers by which Logic Apps marks a request, and whose value may or may not stay the same when it is sent again. */
export const idHeaders = [
  'x-ms-workflow-run-id',
  'x-ms-client-tracking-id',
  'x-ms-tracking-id',
  'x-ms-correlation-id',
  'x-ms-client-request-id',
  'x-ms-action-tracking-id',
] as const;

/** One of these headers. */
export type IdHeader = (typeof idHeaders)[number];

/** What a run and an action are called. */
export interface Origin {
  readonly workflowId: string;
  readonly workflowVersion: string;
  readonly workflowName: string;
  readonly runId: string;
  readonly clientTrackingId: string;
  readonly actionName: string;
  readonly location: string;
}

/**
 * Makes the tracking headers of the requests of one action, a new set for each request: the ids that `changing` names are
 * new each time, the others stay. The three request ids are one and the same, as in captured requests.
 */
export function createTrackingHeaders(
  origin: Origin,
  changing: readonly IdHeader[],
): () => Record<string, string> {
  const requestId = randomUUID();
  const first: Record<IdHeader, string> = {
    'x-ms-workflow-run-id': origin.runId,
    'x-ms-client-tracking-id': origin.clientTrackingId,
    'x-ms-tracking-id': requestId,
    'x-ms-correlation-id': requestId,
    'x-ms-client-request-id': requestId,
    'x-ms-action-tracking-id': randomUUID(),
  };
  let isFirst = true;
  return () => {
    const newId = randomUUID();
    const ids = idHeaders.map((name) => {
      if (isFirst || !changing.includes(name)) return [name, first[name]] as const;
      return [name, name === 'x-ms-action-tracking-id' ? randomUUID() : newId] as const;
    });
    isFirst = false;
    return {
      'user-agent': `azure-logic-apps/1.0,(workflow ${origin.workflowId}; version ${origin.workflowVersion})`,
      'accept-language': 'en-US',
      'x-ms-execution-location': origin.location,
      'x-ms-workflow-name': origin.workflowName,
      'x-ms-workflow-operation-name': origin.actionName,
      ...Object.fromEntries(ids),
    };
  };
}
