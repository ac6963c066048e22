import { everywhere } from './clouds.ts';
import type { Resource } from './resources.ts';

/** The company's tenant: the identifier URI carries its id, a form that every tenant allows. */
const tenantId = '5d1f7a2c-83be-4d0e-9c41-6b7e2f90a3d8';

/**
 * The identifier URI of the functions' own API: what callers ask a token for, followed by `/.default`.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
 */
export const callerApiAudience = `api://${tenantId}/defender-functions`;

/** The application roles of the functions' own API, for applications and for people. */
export const callerRoles = ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'] as const;

/** A role that callers of the functions can hold. */
export type CallerRole = (typeof callerRoles)[number];

/** The one delegated permission of the functions' own API: `scp` in the tokens of people. */
export const callerScope = 'access_as_user';

/** The functions' own API, as its operator registers it: only who is assigned to it gets a token. */
export const callerApi: Resource = {
  appId: 'b7d2f4a9-1c36-4e85-92d0-8f5a6e03c71b',
  displayName: 'defender-functions-api',
  servicePrincipalNames: everywhere([callerApiAudience]),
  appRoles: callerRoles,
  delegatedScopes: [callerScope],
  homeTenantId: tenantId,
  isAssignmentRequired: true,
};

/**
 * `requestedAccessTokenVersion` of a registration: 2 asks for version 2 tokens, 1 and null for version 1.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
 */
export type RequestedTokenVersion = 1 | 2 | null;

/** The version of the tokens that an API with this registration receives. */
export function toTokenVersion(requested: RequestedTokenVersion): 1 | 2 {
  return requested === 2 ? 2 : 1;
}
