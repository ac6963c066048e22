import { decodeSegment } from '../http/decodeSegment.ts';
import { credentialErrors } from './credentialErrors.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal } from './entraRefusal.ts';
import type { Principal } from './Principal.ts';
import { getParameter } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';
import { verifyClientAssertion } from './verifyClientAssertion.ts';

/** How a client proved itself: `appidacr` and `azpacr` in tokens. 0: a public client, which proves nothing; 2: an assertion. */
export type ClientMethod = '0' | '1' | '2';

/** A client that has proved to be who it says. */
export interface Client {
  readonly principal: Principal;
  readonly method: ClientMethod;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * The confidential client behind a request: by secret, in the body or as HTTP Basic, or by a signed assertion.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow,
 * https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export async function authenticateClient(request: TokenRequest): Promise<Client> {
  const { call, form, endpoint } = request;
  const { clock } = endpoint;
  const basic = readBasic(call.headers.authorization);
  const clientId = basic?.clientId ?? getParameter(form, 'client_id', clock);
  const assertion = basic === undefined ? form.get('client_assertion') : null;
  const secret = basic?.secret ?? form.get('client_secret');
  if (assertion !== null && form.get('client_assertion_type') !== assertionType)
    throw entraRefusal(entraErrors.missingParameter('client_assertion_type'), clock);
  if (assertion === null && (secret === null || secret === '')) throw missingCredential(request);
  const principal = findClient(request, clientId);
  if (principal.registration.isPublicClient) throw entraRefusal(credentialErrors.publicClient(), clock);
  if (assertion !== null) await verifyClientAssertion(request, principal, assertion);
  else verifySecret(request, principal, secret ?? '');
  call.principal = principal.appId; // Only now: the request log names whose proof was accepted.
  return { principal, method: assertion === null ? '1' : '2' };
}

/** A client that people sign in with on their own machine: it must be registered as public, or prove itself. */
export async function findPublicClient(request: TokenRequest): Promise<Client> {
  const { form, endpoint } = request;
  const principal = findClient(request, getParameter(form, 'client_id', endpoint.clock));
  const isProving = form.has('client_assertion') || form.has('client_secret');
  if (isProving || request.call.headers.authorization !== undefined) return authenticateClient(request);
  if (!principal.registration.isPublicClient)
    throw entraRefusal(credentialErrors.confidentialClient(), endpoint.clock);
  request.call.principal = principal.appId;
  return { principal, method: '0' };
}

/** The application in this tenant; refused when it is not there or disabled. */
export function findClient({ endpoint, tenant }: TokenRequest, clientId: string): Principal {
  const { directory, clock } = endpoint;
  const principal = directory.findByAppId(tenant.id, clientId);
  if (principal === undefined)
    throw entraRefusal(entraErrors.unknownApplication(clientId, tenant.displayName), clock);
  if (!principal.isEnabled)
    throw entraRefusal(entraErrors.disabledApplication(principal.appId, principal.displayName), clock);
  return principal;
}

function verifySecret(
  { endpoint: { clock } }: TokenRequest,
  { registration }: Principal,
  secret: string,
): void {
  const found = registration.secrets.find((one) => one.value === secret);
  if (found === undefined) throw entraRefusal(credentialErrors.wrongSecret(registration.appId), clock);
  if (found.expiresMs <= clock.nowMs())
    throw entraRefusal(credentialErrors.expiredSecret(registration.appId), clock);
}

function missingCredential({ form, endpoint }: TokenRequest): Error {
  const isApplication = form.get('grant_type') === 'client_credentials';
  const error = isApplication ? credentialErrors.missingCredential() : credentialErrors.confidentialClient();
  return entraRefusal(error, endpoint.clock);
}

function readBasic(header: string | undefined): { clientId: string; secret: string } | undefined {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(header ?? '')?.[1];
  if (basic === undefined) return undefined;
  const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { clientId: decodeSegment(id), secret: decodeSegment(rest.join(':')) };
}
