import type { Answer } from '../http/Answer.ts';
import { answerClientCredentials } from './clientCredentials.ts';
import { answerDeviceCode } from './deviceCode.ts';
import { entraErrors } from './entraErrors.ts';
import { entraRefusal, notSimulated } from './entraRefusal.ts';
import { answerOnBehalfOf } from './onBehalfOf.ts';
import { answerRefreshToken } from './refreshToken.ts';
import { getParameter } from './tokenForm.ts';
import type { TokenRequest } from './TokenEndpoint.ts';

const grants = new Map<string, (request: TokenRequest) => Promise<Answer>>([
  ['client_credentials', answerClientCredentials],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer', answerOnBehalfOf],
  ['urn:ietf:params:oauth:grant-type:device_code', answerDeviceCode],
  // Microsoft's own libraries still send the name that it had before RFC 8628.
  ['device_code', answerDeviceCode],
  ['refresh_token', answerRefreshToken],
]);

/** Documented elsewhere: https://learn.microsoft.com/entra/identity-platform/v2-app-types */
const documentedGrantTypes = [
  'authorization_code',
  'password',
  'urn:ietf:params:oauth:grant-type:saml1_1-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
];

/** `POST /{tenant}/oauth2/v2.0/token`: each grant has a file of its own. */
export async function answerToken(request: TokenRequest): Promise<Answer> {
  const { clock } = request.endpoint;
  const grantType = getParameter(request.form, 'grant_type', clock);
  const answer = grants.get(grantType);
  if (answer !== undefined) return answer(request);
  if (documentedGrantTypes.includes(grantType)) throw notSimulated(`the grant type ${grantType}`);
  throw entraRefusal(entraErrors.unsupportedGrantType(grantType), clock);
}
