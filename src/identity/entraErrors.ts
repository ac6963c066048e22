/** What one of Entra's numbered errors means to whoever runs the app. */
export interface EntraError {
  readonly meaning: string;
  /** What to do, in a few words, beginning with a verb. */
  readonly advice: string;
  /** Whether it may pass by itself. */
  readonly retryable: boolean;
}

const wrong = (meaning: string, advice: string): EntraError => ({ meaning, advice, retryable: false });
const passing = (meaning: string, advice: string): EntraError => ({ meaning, advice, retryable: true });

const consent =
  'have an administrator of the tenant consent (npm run tenants -- consent-url prints the link)';
const signInAgain = 'sign in again';
const anotherFactor = 'sign in again with a second factor, with the claims challenge if there is one';
const device = 'sign in from a device that the Conditional Access policies of the tenant allow';
const federation =
  "compare issuer, subject (the object id of the user-assigned identity) and audience (FEDERATED_AUDIENCE) of the registration's federated credential; one that was just made needs some minutes";

/**
 * Entra's errors by their AADSTS number. Microsoft does not promise the numbers, so nothing is decided by them alone but
 * the words for people; what is done follows `error`.
 * Sources: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and the pages to which
 * https://login.microsoftonline.com/error leads
 */
export const entraErrors: Readonly<Record<string, EntraError>> = {
  // The application proves itself.
  '7000215': wrong(
    'the secret is wrong',
    'put the value of the secret into Key Vault, not its id; compare the client id',
  ),
  '7000222': wrong('the secret has expired', 'make a new one and put it into Key Vault'),
  '7000216': wrong(
    'the application sent neither a secret nor an assertion',
    'check the credential setting and the client id',
  ),
  '7000218': wrong(
    'the application sent neither a secret nor an assertion',
    'check the credential setting; a public client cannot sign in by itself',
  ),
  '700021': wrong('the assertion names another application', 'check the client id'),
  '700023': wrong('the assertion is for another place', 'check AZURE_AUTHORITY_HOST and DEFENDER_CLOUD'),
  '700025': wrong(
    'the application is a public client, which cannot prove itself',
    'name the confidential registration, not the one for terminals',
  ),
  '700027': wrong(
    'the assertion is not signed by a certificate of the application',
    'upload the certificate in the vault to the app registration',
  ),
  '700024': wrong(
    'the assertion is outside of its time',
    'check the clock of the machine; in Azure it is right',
  ),
  '700030': wrong(
    'the subject of the certificate is not allowed',
    'upload the certificate in the vault to the app registration',
  ),
  '50012': wrong(
    'the certificate or the signature of the assertion does not hold',
    'upload the certificate in the vault to the app registration',
  ),
  '70025': wrong(
    'the application has no federated credential',
    'add one for the user-assigned identity, or take another credential setting',
  ),
  '70021': wrong('no federated credential of the application matches the token of the identity', federation),
  '700211': wrong('no federated credential of the application has the issuer of the token', federation),
  '700212': wrong('no federated credential of the application has the audience of the token', federation),
  '700213': wrong('no federated credential of the application has the subject of the token', federation),
  '700229': wrong(
    'the federated credential was used with the token of a person',
    'let the managed identity prove the application',
  ),
  // The application in its tenant.
  '700016': wrong(
    'the application is not in this tenant',
    `check the client id, the tenant and DEFENDER_CLOUD; in the tenant of a customer, ${consent}`,
  ),
  '7000229': wrong('the application has no service principal in this tenant', consent),
  '7000112': wrong(
    'the application is disabled in the tenant',
    'enable it under enterprise applications, or ask the administrator of the tenant to',
  ),
  '501051': wrong(
    'the application is not assigned to the service that is asked for',
    'grant it a role there (docs/permissions.md)',
  ),
  '7000114': wrong(
    'the application may not act on behalf of people',
    'take the registration that callers ask tokens for',
  ),
  '50194': wrong(
    'the application is for one tenant only',
    'make the registration multi-tenant, or ask in its own tenant',
  ),
  '90002': wrong(
    'the tenant is unknown',
    'check the id of the tenant, DEFENDER_CLOUD and AZURE_AUTHORITY_HOST',
  ),
  '90038': wrong(
    'the tenant is in another national cloud',
    'set DEFENDER_CLOUD to the cloud of the tenant; no application works across clouds',
  ),
  '900382': wrong(
    'the application is in another national cloud',
    'register one in the cloud of the tenant; no application works across clouds',
  ),
  // What is asked for.
  '500011': wrong(
    'the tenant does not know the audience',
    'check the audience setting (DEFENDER_API_AUDIENCE, XDR_API_AUDIENCE, GRAPH_API_AUDIENCE), and that Defender is licensed and was opened once in the tenant',
  ),
  '50001': wrong('the audience does not exist or is disabled', 'check the audience setting and the licence'),
  '70011': wrong(
    'the audience is not one that Entra knows',
    'check the audience setting (DEFENDER_API_AUDIENCE, XDR_API_AUDIENCE, GRAPH_API_AUDIENCE)',
  ),
  '650052': wrong(
    'the tenant has not subscribed to the service that is asked for',
    'license Defender in the tenant, or switch the feature off',
  ),
  '650056': wrong(
    'the registration lists no permissions of the service that is asked for, or nobody consented',
    'add the permissions to the registration (docs/permissions.md), then consent again',
  ),
  '650057': wrong(
    'the registration does not list permissions of the service that is asked for',
    'add the permissions to the registration (docs/permissions.md), then consent again',
  ),
  '65001': wrong('nobody consented to what the application asks for', consent),
  '90094': wrong('only an administrator can consent to this', consent),
  // The person on whose behalf something is asked for.
  '50076': wrong('a second factor is needed', anotherFactor),
  '50078': wrong('the second factor was given too long ago', anotherFactor),
  '50079': wrong(
    'a second factor must be set up',
    'set it up at https://aka.ms/mfasetup, then sign in again',
  ),
  '50158': wrong('another check of the tenant was not passed', anotherFactor),
  '53000': wrong('Conditional Access asks for a compliant device', device),
  '53001': wrong('Conditional Access asks for a device that is joined to the domain', device),
  '53003': wrong(
    'Conditional Access blocks it',
    'have an administrator look at the sign-in log under the correlation id, or sign in as the policies ask',
  ),
  '530032': wrong(
    'a security policy of the tenant blocks it',
    'have an administrator look at the sign-in log under the correlation id',
  ),
  '700003': wrong('the device is not known to the tenant any more', device),
  '50013': wrong(
    'the token of the person does not hold',
    'send a token that is for the API registration (CALLER_AUDIENCE, ON_BEHALF_OF_CLIENT_ID) and has not expired',
  ),
  '500131': wrong(
    'the token of the person is for another application',
    'send a token for the API registration; CALLER_AUDIENCE and ON_BEHALF_OF_CLIENT_ID must mean the same one',
  ),
  '500133': wrong('the token of the person has expired', 'get a new token and send the request again'),
  '50173': wrong('the sign-in of the person was revoked', signInAgain),
  '50132': wrong('the password of the person was changed or has expired', signInAgain),
  '50133': wrong('the password of the person was changed or has expired', signInAgain),
  '50057': wrong('the account of the person is disabled', 'have an administrator enable it'),
  '50105': wrong(
    'the person is not assigned to the application',
    'assign them under enterprise applications',
  ),
  '70043': wrong('Conditional Access asks for a fresh sign-in', signInAgain),
  // What passes.
  '50196': passing(
    'Entra sees the same request too often and stops answering it',
    'wait a minute; find out what else signs in with this registration',
  ),
  '90055': passing('Entra limits the tenant', 'wait'),
  '90033': passing('a part of Entra is not available', 'wait'),
};

/** When nothing is known of a number. */
export const unknownEntraError: EntraError = wrong(
  'Entra gave no reason that is known here',
  'look the number up at https://login.microsoftonline.com/error, and check the application and its tenant, or AZURE_CLIENT_ID for a managed identity',
);
