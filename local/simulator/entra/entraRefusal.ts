import { randomUUID } from 'node:crypto';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { json } from '../http/Answer.ts';
import { Refusal } from '../http/Refusal.ts';

interface EntraError {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly message: string;
}

interface EntraSubject {
  readonly id: string;
  readonly name: string;
}

/**
 * The documented refusals of the token endpoint, one constructor each.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const entraErrors = {
  missingParameter: (name: string): EntraError => ({
    status: 400,
    error: 'invalid_request',
    code: 900144,
    message: `The request body must contain the parameter '${name}'.`,
  }),
  repeatedParameter: (name: string): EntraError => ({
    status: 400,
    error: 'invalid_request',
    code: 90100,
    message: `The parameter '${name}' is given more than once.`,
  }),
  unsupportedGrantType: (grantType: string): EntraError => ({
    status: 400,
    error: 'unsupported_grant_type',
    code: 70003,
    message: `The grant type '${grantType}' is not supported.`,
  }),
  unknownTenant: (tenant: string, error: 'invalid_request' | 'invalid_tenant'): EntraError => ({
    status: 400,
    error,
    code: 90002,
    message: `Tenant '${tenant}' was not found. Check the tenant id and the cloud.`,
  }),
  unknownApplication: (appId: string, tenant: string): EntraError => ({
    status: 400,
    error: 'unauthorized_client',
    code: 700016,
    message: `The application '${appId}' was not found in the directory '${tenant}'.`,
  }),
  disabledApplication: (appId: string, name: string): EntraError => ({
    status: 400,
    error: 'unauthorized_client',
    code: 7000112,
    message: `Application '${appId}'(${name}) is disabled.`,
  }),
  missingCredential: (): EntraError => ({
    status: 401,
    error: 'invalid_client',
    code: 7000216,
    message: "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant.",
  }),
  wrongSecret: (appId: string): EntraError => ({
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    message: `The client secret for app '${appId}' is not valid. Send its value, not its id.`,
  }),
  expiredSecret: (appId: string): EntraError => ({
    status: 401,
    error: 'invalid_client',
    code: 7000222,
    message: `The client secret for app '${appId}' has expired.`,
  }),
  invalidScope: (scope: string): EntraError => ({
    status: 400,
    error: 'invalid_scope',
    code: 70011,
    message: `The scope '${scope}' is not valid. This grant takes one resource followed by /.default.`,
  }),
  unknownResource: (resource: string, tenant: string): EntraError => ({
    status: 400,
    error: 'invalid_resource',
    code: 500011,
    message: `The resource principal '${resource}' was not found in the tenant '${tenant}'.`,
  }),
  /**
   * The resource requires assignment and the application has none of its roles. The number is missing in Microsoft's list;
   * number, `error` and status are as seen by others.
   *
   * Source: https://doc.nais.io/security/auth/azure-ad/faq-troubleshooting/
   */
  notAssigned: (client: EntraSubject, resource: EntraSubject): EntraError => ({
    status: 400,
    error: 'invalid_grant',
    code: 501051,
    message:
      `Application '${client.id}'(${client.name}) is not assigned to a role for the application ` +
      `'${resource.id}'(${resource.name}).`,
  }),
} as const;

/** A refusal in the shape of the token endpoint. */
export function entraRefusal({ status, error, code, message }: EntraError, clock: SimulatedClock): Refusal {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${clock.now().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trailer = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return new Refusal(
    json(status, {
      error,
      error_description: `AADSTS${code}: ${message} ${trailer}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    }),
  );
}

/** The refusal of something that Entra documents and the simulator does not do. */
export function notSimulated(what: string): Refusal {
  return new Refusal(
    json(501, {
      error: 'not_simulated',
      error_description: `The simulator does not do ${what}. docs/simulator.md lists what it does.`,
    }),
  );
}
