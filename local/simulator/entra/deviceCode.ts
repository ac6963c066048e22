import type { Answer } from '../http/Answer.ts';
import { findClient, findPublicClient } from './authenticateClient.ts';
import { answerForPerson } from './delegatedAnswer.ts';
import { deviceCodeLifetimeSeconds } from './DeviceCodes.ts';
import { entraRefusal, type EntraError } from './entraRefusal.ts';
import { parseScope } from './parseScope.ts';
import { personErrors } from './personErrors.ts';
import { getParameter, tokenAnswer } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

/** Where people would type the code. */
const verificationUri = 'https://microsoft.com/devicelogin';

/**
 * `POST /{tenant}/oauth2/v2.0/devicecode`: begins a sign-in that a person finishes in a browser, here at the control surface.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
export function answerDeviceAuthorization(request: TokenRequest): Answer {
  const { endpoint, tenant, form } = request;
  const { clock, deviceCodes } = endpoint;
  const { appId } = findClient(request, getParameter(form, 'client_id', clock));
  const scope = getParameter(form, 'scope', clock);
  parseScope(request, scope);
  const { deviceCode, userCode } = deviceCodes.create(
    { tenantId: tenant.id, clientId: appId, scope },
    clock.nowMs(),
  );
  return tokenAnswer({
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: verificationUri,
    expires_in: deviceCodeLifetimeSeconds,
    interval: deviceCodes.intervalSeconds,
    message: `To sign in, open the page ${verificationUri} in a browser and enter the code ${userCode}.`,
  });
}

/** `grant_type=urn:ietf:params:oauth:grant-type:device_code`: asks whether the person has signed in; same source. */
export async function answerDeviceCode(request: TokenRequest): Promise<Answer> {
  const { endpoint, tenant, form } = request;
  const { clock } = endpoint;
  const deviceCode = getParameter(form, 'device_code', clock);
  const client = await findPublicClient(request);
  const code = endpoint.deviceCodes.findByDeviceCode(deviceCode);
  if (code?.tenantId !== tenant.id || code.clientId !== client.principal.appId)
    throw entraRefusal(personErrors.unknownDeviceCode(), clock);
  if (code.expiresMs <= clock.nowMs()) throw entraRefusal(personErrors.expiredDeviceCode(), clock);
  const { person, state, hasMultifactor } = code;
  if (state !== 'approved' || person === undefined) throw entraRefusal(refusals[state](), clock);
  const requested = parseScope(request, code.scope);
  const order = { client, person, hasMultifactor, requested, signedInMs: clock.nowMs() };
  const answer = await answerForPerson(request, order);
  code.state = 'redeemed';
  return answer;
}

const refusals: Readonly<Record<'pending' | 'approved' | 'declined' | 'redeemed', () => EntraError>> = {
  pending: personErrors.authorizationPending,
  approved: personErrors.authorizationPending,
  declined: personErrors.authorizationDeclined,
  redeemed: personErrors.usedDeviceCode,
};
