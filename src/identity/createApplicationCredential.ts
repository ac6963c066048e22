import { ClientAssertionCredential, ClientSecretCredential, type TokenCredential } from '@azure/identity';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { acquireWith, authorityOptions } from './acquireWith.ts';
import { CachedTokenSource, type AcquireToken } from './CachedTokenSource.ts';
import { createManagedIdentity } from './createManagedIdentity.ts';
import { createProofSource, type Proof } from './ProofSource.ts';
import { RecentMap } from './RecentMap.ts';
import { defenderRegistration } from './Registration.ts';
import { TenantNeedsApplication } from './TenantNeedsApplication.ts';
import { toTenantError } from './toTenantError.ts';
import type { ApplicationCredential } from './TokenSource.ts';

/** A tenant's tokens take some kilobytes. Beyond this many, those used longest ago are asked for again. */
const TENANT_LIMIT = 2_000;

/**
 * The app's own identity, by the credential that the settings choose. Tokens are kept per tenant and audience, asked for
 * once for concurrent callers, and renewed before they expire.
 */
export function createApplicationCredential(
  settings: IdentitySettings,
  clock: Clock,
  logger: Logger,
): ApplicationCredential {
  const { application } = settings;
  const acquireIn = application
    ? acquireAsApplication(application, settings, clock, logger)
    : acquireAsManagedIdentity(settings);
  const sources = new RecentMap<CachedTokenSource>(TENANT_LIMIT);
  const sourceOf = (tenantId: string) =>
    sources.getOrCreate(tenantId, () => new CachedTokenSource(acquireIn(tenantId), clock));
  return {
    tokensIn(tenantId) {
      if (!application && tenantId !== settings.tenantId) throw new TenantNeedsApplication(tenantId);
      // Looked up at each call: whoever keeps this for long shares its tokens with all others.
      return {
        getToken: (...wanted) => sourceOf(tenantId).getToken(...wanted),
      };
    },
  };
}

type AcquireIn = (tenantId: string) => AcquireToken;

function acquireAsManagedIdentity({ managedIdentityClientId }: IdentitySettings): AcquireIn {
  const credential = createManagedIdentity(managedIdentityClientId);
  const who = managedIdentityClientId
    ? `as the managed identity ${managedIdentityClientId} (AZURE_CLIENT_ID)`
    : 'as the system-assigned managed identity';
  return () => (audience, signal) => acquireWith(credential, { audience, who, signal });
}

function acquireAsApplication(
  application: ApplicationSettings,
  identity: IdentitySettings,
  clock: Clock,
  logger: Logger,
): AcquireIn {
  const { clientId } = application;
  const { authorityHost } = identity;
  const registration = defenderRegistration;
  const proofs = createProofSource({ application, registration, identity, clock, logger });
  // A new credential each time: each keeps a cache that would give a refused token again. Ours stands above it.
  const create = (tenantId: string, proof: Proof): TokenCredential =>
    'clientSecret' in proof
      ? new ClientSecretCredential(tenantId, clientId, proof.clientSecret, authorityOptions(authorityHost))
      : new ClientAssertionCredential(
          tenantId,
          clientId,
          () => Promise.resolve(proof.assertion),
          authorityOptions(authorityHost),
        );
  return (tenantId) => (audience, signal) => {
    const who = `in tenant ${tenantId} as ${registration.title} ${clientId} (${registration.clientIdSetting})`;
    return proofs.use(tenantId, signal, async (proof) => {
      try {
        return await acquireWith(create(tenantId, proof), { audience, who, signal });
      } catch (error) {
        throw await toTenantError(error, { authorityHost, tenantId, subject: `${audience} ${who}`, signal });
      }
    });
  };
}
