import { callerApi, callerApiAudience } from './entra/callerApi.ts';
import { mapCallers, type CallerName } from './entra/callers.ts';
import type { Cloud } from './entra/clouds.ts';
import { exchangeAudienceOf } from './entra/trustIdentity.ts';
import { apiCertificateName, apiSecretName, certificateName, secretName } from './keyVault/vaultNames.ts';
import type { World } from './World.ts';

/** What an app or a test must know of the simulated company; no secrets. */
export interface CompanyFacts {
  readonly tenantId: string;
  readonly tenantDomain: string;
  readonly cloud: Cloud;
  /** The application that acts for itself: with a secret, a certificate and a federated credential. */
  readonly defenderClientId: string;
  /** The name of that secret in the vault. */
  readonly secretName: string;
  /** The name of that certificate in the vault. */
  readonly certificateName: string;
  /** What a managed identity's token is for when it proves to be an application. */
  readonly exchangeAudience: string;
  readonly userAssignedClientId: string;
  readonly userAssignedPrincipalId: string;
  readonly systemAssignedPrincipalId: string;
  /** Client id of the functions' own API: `aud` of version 2 tokens. */
  readonly apiClientId: string;
  /** Its identifier URI: `aud` of version 1 tokens, and what callers ask for, followed by `/.default`. */
  readonly apiAudience: string;
  /** The name of its secret in the vault. */
  readonly apiSecretName: string;
  /** The name of its certificate in the vault. */
  readonly apiCertificateName: string;
  /** What people sign in with at a terminal. */
  readonly publicClientId: string;
  /** The applications that call it. */
  readonly callerClientIds: Readonly<Record<CallerName, string>>;
}

/** The facts of a world. */
export function describeCompany(world: World): CompanyFacts {
  const { company, identities, tokenEndpoint } = world;
  return {
    tenantId: company.tenantId,
    tenantDomain: company.tenantDomain,
    cloud: tokenEndpoint.cloud,
    defenderClientId: world.application.appId,
    secretName,
    certificateName,
    exchangeAudience: exchangeAudienceOf(tokenEndpoint.cloud),
    userAssignedClientId: identities.userAssigned.appId,
    userAssignedPrincipalId: identities.userAssigned.objectId,
    systemAssignedPrincipalId: identities.systemAssigned.objectId,
    apiClientId: callerApi.appId,
    apiAudience: callerApiAudience,
    apiSecretName,
    apiCertificateName,
    publicClientId: world.terminal.appId,
    callerClientIds: mapCallers((name) => world.callers.applications[name].appId),
  };
}
