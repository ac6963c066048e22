import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Answer } from '../http/Answer.ts';
import { issuerOf } from './accessToken.ts';
import { authenticateClient } from './authenticateClient.ts';
import { issuerOfVersion2 } from './callerClaims.ts';
import { answerForPerson } from './delegatedAnswer.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal, notSimulated, type EntraError } from './entraRefusal.ts';
import { parseScope } from './parseScope.ts';
import { personErrors } from './personErrors.ts';
import { findResource } from './resources.ts';
import { getParameter } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/**
 * `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` with `requested_token_use=on_behalf_of`: an API exchanges the
 * token that a person's client sent it for one for the next API.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export async function answerOnBehalfOf(request: TokenRequest): Promise<Answer> {
  const { endpoint, tenant, form } = request;
  const { clock, directory } = endpoint;
  const use = getParameter(form, 'requested_token_use', clock);
  if (use !== 'on_behalf_of')
    throw entraRefusal(entraErrors.wrongParameter('requested_token_use', use), clock);
  if (form.has('requested_token_type')) throw notSimulated('SAML assertions (requested_token_type)');
  const assertion = getParameter(form, 'assertion', clock);
  const scope = getParameter(form, 'scope', clock);
  const client = await authenticateClient(request);
  const claims = await verifyAssertion(request, assertion);
  const { aud, scp, oid, tid, amr, uti, iat = 0 } = claims;
  const { appId } = client.principal;
  if (typeof aud !== 'string' || (aud !== appId && findResource(aud)?.appId !== appId))
    throw entraRefusal(personErrors.otherAudience(String(aud), appId), clock);
  if (typeof scp !== 'string') throw entraRefusal(personErrors.tokenOfApplication(appId), clock);
  const person = typeof oid === 'string' ? directory.findPerson(tenant.id, oid) : undefined;
  if (person === undefined || tid !== tenant.id)
    throw refuseAssertion(request, 'The person of the assertion is not in this tenant.');
  return answerForPerson(request, {
    client,
    person,
    hasMultifactor:
      (Array.isArray(amr) && amr.includes('mfa')) || endpoint.multifactorTokens.has(String(uti)),
    requested: parseScope(request, scope),
    signedInMs: iat * 1000,
  });
}

/** Signed by this Entra for this tenant, in either version, and not expired. */
async function verifyAssertion(request: TokenRequest, assertion: string): Promise<JWTPayload> {
  const { endpoint, tenant, entraUrl } = request;
  const { clock, keys } = endpoint;
  try {
    const { kid = '' } = decodeProtectedHeader(assertion);
    const key = keys.findPublicKey(kid);
    if (key === undefined) throw refuseAssertion(request, 'The key was not found.');
    const { payload } = await jwtVerify(assertion, key, {
      algorithms: ['RS256'],
      issuer: [issuerOf(tenant.id), issuerOfVersion2(entraUrl, tenant.id)],
      currentDate: clock.now(),
      requiredClaims: ['exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw entraRefusal(personErrors.expiredAssertion(clock.now().toISOString()), clock);
    if (error instanceof errors.JOSEError) throw refuseAssertion(request, toReason(error));
    if (error instanceof TypeError) throw refuseAssertion(request, 'The assertion is not a JSON Web Token.');
    throw error;
  }
}

function toReason(error: errors.JOSEError): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `The claim '${error.claim}' is not accepted.`;
  return 'The provided signature value did not match the expected signature value.';
}

function refuseAssertion({ endpoint }: TokenRequest, reason: string): Error {
  const error: EntraError = personErrors.invalidAssertion(reason);
  return entraRefusal(error, endpoint.clock);
}
