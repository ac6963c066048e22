import type { EntraError } from './entraRefusal.ts';
import type { Person } from './people.ts';

/**
 * The refusals of requests that are made for a person, one constructor each.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/reference-error-codes,
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors. Not in Microsoft's list and as
 * seen by others: 70020, https://github.com/Azure/azure-cli/issues/22251, and 500131,
 * https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/38.
 * The number of a declined device code is nowhere documented.
 */
export const personErrors = {
  authorizationPending: (): EntraError =>
    deviceCode('authorization_pending', 70016, 'Authorization is pending.'),
  authorizationDeclined: (): EntraError =>
    deviceCode('authorization_declined', 65004, 'The person declined.'),
  unknownDeviceCode: (): EntraError =>
    deviceCode('bad_verification_code', 70018, 'The device code is not known.'),
  expiredDeviceCode: (): EntraError => deviceCode('expired_token', 70020, 'The device code has expired.'),
  usedDeviceCode: (): EntraError => grant(54005, 'The device code was redeemed already.'),
  unknownRefreshToken: (): EntraError => grant(70000, 'The refresh token is not valid.'),
  expiredRefreshToken: (): EntraError => grant(700082, 'The refresh token has expired due to inactivity.'),
  revokedRefreshToken: (): EntraError =>
    grant(50173, 'The grant was revoked; the person has to sign in again.'),
  disabledPerson: ({ userPrincipalName }: Person): EntraError =>
    grant(50057, `The account '${userPrincipalName}' is disabled.`),
  notAssigned: ({ userPrincipalName }: Person, resource: string): EntraError =>
    grant(
      50105,
      `The person '${userPrincipalName}' is not assigned to a role for the application '${resource}'.`,
    ),
  notConsented: (appId: string, name: string): EntraError => ({
    ...grant(
      65001,
      `Neither the person nor an administrator has consented to use the application '${appId}' named '${name}'.`,
    ),
    suberror: 'consent_required',
  }),
  /** On-behalf-of needs a person, and the token is an application's. */
  tokenOfApplication: (appId: string): EntraError =>
    grant(7000114, `Application '${appId}' is not allowed to make application on-behalf-of calls.`),
  invalidAssertion: (reason: string): EntraError =>
    grant(50013, `The assertion is not valid. [Reason - ${reason}]`),
  expiredAssertion: (now: string): EntraError =>
    grant(500133, `The assertion is not within its valid time range. Current time: ${now}.`),
  otherAudience: (audience: string, appId: string): EntraError =>
    grant(
      500131,
      `The audience of the assertion is '${audience}' and not the client '${appId}' that presents it.`,
    ),
} as const;

function grant(code: number, message: string): EntraError {
  return { status: 400, error: 'invalid_grant', code, message };
}

function deviceCode(error: string, code: number, message: string): EntraError {
  return { status: 400, error, code, message };
}
