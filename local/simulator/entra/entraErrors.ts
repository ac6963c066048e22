import type { EntraError } from './entraRefusal.ts';

interface EntraSubject {
  readonly id: string;
  readonly name: string;
}

/**
 * The documented refusals of requests and resources, one constructor each; those of credentials and of people are apart.
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
  wrongParameter: (name: string, value: string): EntraError => ({
    status: 400,
    error: 'invalid_request',
    code: 90023,
    message: `The value '${value}' of the parameter '${name}' is not valid.`,
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
  /** Known, but in a cloud that this instance of Entra does not serve. */
  otherCloud: (tenant: string, belongsTo: string, here: string): EntraError => ({
    status: 400,
    error: 'invalid_request',
    code: 90038,
    message: `Tenant '${tenant}' belongs to the cloud '${belongsTo}'; the cloud instance '${here}' does not serve it.`,
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
  invalidScope: (scope: string): EntraError => ({
    status: 400,
    error: 'invalid_scope',
    code: 70011,
    message: `The scope '${scope}' is not valid.`,
  }),
  /** Of an application that asks for itself. */
  wrongScope: (scope: string): EntraError => ({
    status: 400,
    error: 'invalid_scope',
    code: 70011,
    message: `The scope '${scope}' is not valid. This grant takes one resource followed by /.default.`,
  }),
  severalResources: (scope: string): EntraError => ({
    status: 400,
    error: 'invalid_scope',
    code: 700022,
    message: `The scope '${scope}' names more than one resource.`,
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
