import type { EntraError } from './entraRefusal.ts';

/**
 * How Entra refuses the proof of a client, one constructor each. Status and `error` of those for assertions are as seen by
 * others, as are the numbers that Microsoft's list leaves out.
 *
 * Sources: https://learn.microsoft.com/entra/identity-platform/reference-error-codes,
 * https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2746 (700023),
 * https://github.com/Azure/azure-workload-identity/issues/1200 (700211, 700213)
 */
export const credentialErrors = {
  missingCredential: (): EntraError =>
    refuse(7000216, "'client_assertion' or 'client_secret' is required for the 'client_credentials' grant."),
  /** The same for every other grant. */
  confidentialClient: (): EntraError =>
    refuse(7000218, "The request body must contain the parameter 'client_assertion' or 'client_secret'."),
  publicClient: (): EntraError =>
    refuse(
      700025,
      "The client is public, so neither 'client_assertion' nor 'client_secret' should be presented.",
    ),
  wrongSecret: (appId: string): EntraError =>
    refuse(7000215, `The client secret for app '${appId}' is not valid. Send its value, not its id.`),
  expiredSecret: (appId: string): EntraError =>
    refuse(7000222, `The client secret for app '${appId}' has expired.`),
  /** The certificate that `x5t` names is not registered on the application. */
  unknownCertificate: (appId: string, thumbprint: string): EntraError =>
    refuse(
      700027,
      `The certificate with identifier used to sign the client assertion is not registered on application '${appId}'. ` +
        `[Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}']`,
    ),
  expiredCertificate: (appId: string, thumbprint: string): EntraError =>
    refuse(
      700027,
      `The certificate used to sign the client assertion is not valid now on application '${appId}'. ` +
        `[Reason - The key used is expired., Thumbprint of key used by client: '${thumbprint}']`,
    ),
  invalidSignature: (reason: string): EntraError =>
    refuse(700027, `The client assertion failed signature validation. [Reason - ${reason}]`),
  otherClient: (appId: string): EntraError =>
    refuse(700021, `The application identifier of the client assertion is not the 'client_id' '${appId}'.`),
  subjectIsNotIssuer: (): EntraError =>
    refuse(50048, 'The subject of the client assertion is not its issuer.'),
  missingClaim: (name: string): EntraError =>
    refuse(90016, `The client assertion is not valid. The required claim '${name}' is missing.`),
  wrongAudience: (): EntraError =>
    refuse(700023, 'The audience of the client assertion is not the token endpoint of this tenant.'),
  outsideLifetime: (now: string): EntraError =>
    refuse(700024, `The client assertion is not within its valid time range. Current time: ${now}.`),
  /** Seen where an application has no federated credential at all. */
  noFederatedCredential: (appId: string, name: string): EntraError =>
    refuse(70025, `The client '${appId}'(${name}) has no configured federated identity credentials.`),
  noSuchIssuer: (issuer: string): EntraError => refuse(700211, noRecord('issuer', issuer)),
  noSuchAudience: (audience: string): EntraError => refuse(700212, noRecord('audience', audience)),
  noSuchSubject: (subject: string): EntraError => refuse(700213, noRecord('subject', subject)),
  tokenOfPerson: (): EntraError =>
    refuse(
      700229,
      'Only app-only tokens can be used as federated credentials of an issuer in Microsoft Entra.',
    ),
} as const;

function refuse(code: number, message: string): EntraError {
  return { status: 401, error: 'invalid_client', code, message };
}

function noRecord(what: string, value: string): string {
  return (
    `No matching federated identity record found for presented assertion ${what} '${value}'. ` +
    'Check the subject, audience and issuer of the federated credential.'
  );
}
