import type { Answer } from '../http/Answer.ts';
import { findPublicClient } from './authenticateClient.ts';
import { answerForPerson } from './delegatedAnswer.ts';
import { entraRefusal } from './entraRefusal.ts';
import { parseScope } from './parseScope.ts';
import { personErrors } from './personErrors.ts';
import { refreshTokenLifetimeMs } from './RefreshTokens.ts';
import { getParameter } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/**
 * `grant_type=refresh_token`: another token without the person, also for another resource that was consented to.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token
 */
export async function answerRefreshToken(request: TokenRequest): Promise<Answer> {
  const { endpoint, tenant, form } = request;
  const { clock } = endpoint;
  const token = getParameter(form, 'refresh_token', clock);
  const scope = getParameter(form, 'scope', clock);
  const client = await findPublicClient(request);
  const session = endpoint.refreshTokens.find(token);
  if (session?.clientId !== client.principal.appId || session.tenantId !== tenant.id)
    throw entraRefusal(personErrors.unknownRefreshToken(), clock);
  if (clock.nowMs() - session.issuedMs >= refreshTokenLifetimeMs)
    throw entraRefusal(personErrors.expiredRefreshToken(), clock);
  const { person, hasMultifactor, signedInMs } = session;
  if (signedInMs < person.sessionsValidFromMs) throw entraRefusal(personErrors.revokedRefreshToken(), clock);
  const requested = parseScope(request, scope);
  // A refresh token comes back with every token that was got with one, asked for or not.
  const openId = [...new Set([...requested.openId, 'offline_access'])];
  return answerForPerson(request, {
    client,
    person,
    hasMultifactor,
    requested: { ...requested, openId },
    signedInMs,
  });
}
