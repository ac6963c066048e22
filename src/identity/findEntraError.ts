import { entraErrors, unknownEntraError, type EntraError } from './entraErrors.ts';

const wrong = (meaning: string, advice: string): EntraError => ({ meaning, advice, retryable: false });

const noIdentity = wrong(
  'the request was not accepted, as where a managed identity is not assigned to the app',
  'assign the identity, and check AZURE_CLIENT_ID',
);

/**
 * What Entra's `error` means by itself. The list of numbers may be missing, and the word is what Microsoft calls stable.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
 */
const entraWords: Readonly<Record<string, EntraError | undefined>> = {
  invalid_client: wrong(
    'the secret or the assertion of the application is wrong or has expired',
    'compare the secret, certificate or federated credential with the app registration, and check the client id',
  ),
  unauthorized_client: entraErrors['700016'],
  invalid_tenant: entraErrors['90002'],
  invalid_resource: entraErrors['500011'],
  invalid_scope: entraErrors['70011'],
  consent_required: entraErrors['65001'],
  interaction_required: wrong(
    'the person must sign in again, or pass another check',
    'sign in again, with the claims challenge if there is one',
  ),
  login_required: wrong('the person must sign in again', 'sign in again'),
  invalid_grant: wrong(
    'the token that was shown does not hold, has expired or was revoked, or nobody consented',
    'sign in again; when that does not help, have an administrator of the tenant consent',
  ),
  access_denied: wrong(
    'the tenant does not allow it',
    'have an administrator look at the sign-in log under the correlation id',
  ),
  // What the endpoint of managed identities answers for one that the app does not have; it gives no word of its own, or this.
  'HTTP 400': noIdentity,
  invalid_request: noIdentity,
  // The word of the SDK for an answer that is none of Entra's.
  client_error: wrong(
    'the answer is none of Entra, and something else answers in its place',
    'check AZURE_AUTHORITY_HOST, and for a proxy that stands between',
  ),
};

/** What a refusal means and what to do about it: by its number, or where there is none by its word. */
export function findEntraError(number: string | undefined, error: string): EntraError {
  if (number) return entraErrors[number] ?? unknownEntraError;
  return (Object.hasOwn(entraWords, error) ? entraWords[error] : undefined) ?? unknownEntraError;
}
