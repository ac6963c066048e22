import type { HttpResponseInit } from '@azure/functions';

/** 200 with a JSON body. */
export function ok(jsonBody: unknown): HttpResponseInit {
  return { status: 200, jsonBody };
}

/**
 * 202 as both Logic Apps (`Location`) and Azure's guidelines (`Operation-Location`) expect it. The URLs come from the
 * configured base, never from the request: callers send their tokens there.
 * Sources: https://learn.microsoft.com/azure/logic-apps/logic-apps-create-api-app and
 * https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#long-running-operations
 */
export function accepted(
  jsonBody: unknown,
  { baseUrl, id, retryAfterMs }: { baseUrl: string; id: string; retryAfterMs: number },
): HttpResponseInit {
  const operation = `${baseUrl}/api/operations/${id}`;
  return {
    status: 202,
    headers: {
      location: `${operation}/result`,
      'operation-location': operation,
      'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))),
    },
    jsonBody,
  };
}
