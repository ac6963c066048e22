import { createHash } from 'node:crypto';
import { OnBehalfOfCredential, type TokenCredential } from '@azure/identity';
import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { authorityOptions } from './acquireWith.ts';
import { CachedTokenSource, type AcquireToken } from './CachedTokenSource.ts';
import { createProofSource, type Proof } from './ProofSource.ts';
import { RecentMap } from './RecentMap.ts';
import { onBehalfOfRegistration } from './Registration.ts';
import { toOnBehalfOfError } from './toOnBehalfOfError.ts';
import type { OnBehalfOf, PersonAssertion } from './TokenSource.ts';

/** People whose tokens are kept at the same time; of others, those used longest ago are exchanged again. */
const PERSON_LIMIT = 1_000;

/**
 * Exchanges the tokens of people, each in the tenant where the person signed in.
 *
 * What is got is kept per token of a person and audience, under the hash of that token, and never given out beyond the
 * life of the token that it was got for.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function createOnBehalfOf(
  identity: IdentitySettings,
  application: ApplicationSettings,
  clock: Clock,
  logger: Logger,
): OnBehalfOf {
  const { authorityHost } = identity;
  const { clientId } = application;
  const registration = onBehalfOfRegistration;
  const proofs = createProofSource({ application, registration, identity, clock, logger });

  const exchange =
    (person: PersonAssertion): AcquireToken =>
    (audience, signal) =>
      proofs.use(person.tenantId, signal, async (proof) => {
        try {
          const credential = createCredential(person, proof);
          const token = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
          if (!token) throw new Error('The credential gave no token.');
          return token;
        } catch (error) {
          signal.throwIfAborted();
          const subject = `${audience} in tenant ${person.tenantId} as ${registration.title} ${clientId} (${registration.clientIdSetting}) on behalf of a person`;
          throw toOnBehalfOfError({ subject, authorityHost, tenantId: person.tenantId, error });
        }
      });

  function createCredential({ tenantId, token }: PersonAssertion, proof: Proof): TokenCredential {
    const common = { tenantId, clientId, userAssertionToken: token, ...authorityOptions(authorityHost) };
    return 'clientSecret' in proof
      ? new OnBehalfOfCredential({ ...common, clientSecret: proof.clientSecret })
      : new OnBehalfOfCredential({ ...common, getAssertion: () => Promise.resolve(proof.assertion) });
  }

  const kept = new RecentMap<{ readonly expiresAt: number; readonly source: CachedTokenSource }>(
    PERSON_LIMIT,
  );
  const sourceOf = (person: PersonAssertion) => {
    kept.deleteWhere(({ expiresAt }) => expiresAt <= clock.now());
    const { expiresAt } = person;
    const create = () => ({ expiresAt, source: new CachedTokenSource(exchange(person), clock) });
    return kept.getOrCreate(hashOf(person), create).source;
  };
  return {
    tokensFor: (person) => ({
      getToken: (...wanted) => sourceOf(person).getToken(...wanted),
    }),
  };
}

function hashOf({ token, tenantId }: PersonAssertion): string {
  return createHash('sha256').update(`${tenantId} ${token}`).digest('base64');
}
