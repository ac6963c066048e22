import {
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { toCredentialError } from '../../src/identity/toCredentialError.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const SECRET = 'Xy8Q~the-client-secret-itself';
const CORRELATION_ID = 'b1f8e6a2-0000-4000-8000-1234567890ab';

/** What MSAL throws: these fields, and a description that nobody may branch on. */
class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly errorCode: string;
  readonly errorNo: string | number | undefined;
  readonly status: number | undefined;
  readonly correlationId = CORRELATION_ID;

  constructor(errorCode: string, errorNo: string | number | undefined, status: number | undefined) {
    super(`${errorCode}: AADSTS${errorNo ?? ''}: The secret '${SECRET}' is not valid.`);
    this.errorCode = errorCode;
    this.errorNo = errorNo;
    this.status = status;
  }
}

/** As `ClientSecretCredential` rejects what Entra refused. */
function required(errorCode: string, errorNo: string | number | undefined, status: number): Error {
  const error = new AuthenticationRequiredError({
    scopes: [`${AUDIENCE}/.default`],
    message: `Authentication failed for ${SECRET}`,
  });
  return Object.assign(error, { cause: new ServerError(errorCode, errorNo, status) });
}

/** As the credentials that ask Entra or the identity endpoint without MSAL reject. */
function authentication(status: number, error: string, numbers: number[] = []): Error {
  return new AuthenticationError(status, {
    error,
    error_description: `AADSTS${numbers[0] ?? ''}: ${SECRET}`,
    error_codes: numbers,
    timestamp: '2026-11-21 12:00:00Z',
    trace_id: 'trace',
    correlation_id: CORRELATION_ID,
  });
}

describe('a refusal by Entra', () => {
  it.each([
    ['7000222', 'the secret has expired; make a new one and put it into Key Vault'],
    ['7000215', 'the secret is wrong; the value belongs into Key Vault, not the id of the secret'],
    [
      '700016',
      'the application is not in this tenant; check DEFENDER_CLIENT_ID, DEFENDER_TENANT_ID and the cloud',
    ],
    ['90002', 'the tenant is unknown; check DEFENDER_TENANT_ID and AZURE_AUTHORITY_HOST'],
    ['65001', "an administrator must consent to the application's permissions"],
    [
      '500011',
      'the audience is unknown in the tenant; check DEFENDER_API_AUDIENCE and that Defender is licensed there',
    ],
    ['7000112', 'the application is disabled in the tenant'],
    ['70011', 'the audience is not one that Entra knows; check DEFENDER_API_AUDIENCE'],
    ['999999', 'check the application and its tenant in Entra, or AZURE_CLIENT_ID for a managed identity'],
  ])('with AADSTS%s says what to do: %s', (number, advice) => {
    const error = toCredentialError(AUDIENCE, required('invalid_client', number, 401));
    expect(error).toBeInstanceOf(CredentialRefused);
    expect(error).toMatchObject({ retryable: false, error: 'invalid_client', requestId: CORRELATION_ID });
    expect(error.message).toBe(
      `Get a token for ${AUDIENCE}: Entra refused (invalid_client, AADSTS${number}): ${advice}. ` +
        `Correlation id ${CORRELATION_ID}.`,
    );
  });

  it('is known by a number that is none of text, as MSAL really gives it', () => {
    const { message } = toCredentialError(AUDIENCE, required('invalid_client', 7000222, 401));
    expect(message).toContain('(invalid_client, AADSTS7000222): the secret has expired');
  });

  it('is known by its `error` also without a number', () => {
    const error = toCredentialError(AUDIENCE, required('unauthorized_client', undefined, 400));
    expect(error).toMatchObject({ code: 'credential_refused', error: 'unauthorized_client' });
    expect(error.message).toContain('Entra refused (unauthorized_client): check the application');
  });

  it('is known in the form of AuthenticationError', () => {
    const error = toCredentialError(AUDIENCE, authentication(401, 'invalid_client', [7000215, 5]));
    expect(error).toMatchObject({
      code: 'credential_refused',
      error: 'invalid_client',
      requestId: CORRELATION_ID,
    });
    expect(error.message).toContain('(invalid_client, AADSTS7000215): the secret is wrong');
  });

  it('is known however deep it lies in the chain of causes', () => {
    const deep = new Error('a', {
      cause: new Error('b', { cause: required('invalid_client', '7000222', 401) }),
    });
    expect(toCredentialError(AUDIENCE, deep)).toMatchObject({ error: 'invalid_client' });
  });

  it('without a readable body is known by its status', () => {
    const error = toCredentialError(AUDIENCE, Object.assign(new Error('x'), { statusCode: 403 }));
    expect(error).toMatchObject({ code: 'credential_refused', error: 'HTTP 403' });
    expect(error.message).toContain('Correlation id (none was given).');
  });
});

describe('no token for another reason', () => {
  it.each([
    ['throttled', required('temporarily_unavailable', undefined, 429)],
    ['down', required('server_error', undefined, 503)],
    ['failing', authentication(500, 'server_error')],
    ['throttled in the other form', authentication(429, 'too_many_requests')],
    ['not there', new CredentialUnavailableError('endpoints_resolution_error')],
    ['cut off', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['silent', new DOMException('The deadline passed.', 'TimeoutError')],
    ['wordless', new Error('The credential gave no token.')],
    ['not even an error', 'text'],
    ['nothing', undefined],
  ])('may pass by itself: Entra is %s', (_case, cause) => {
    const error = toCredentialError(AUDIENCE, cause);
    expect(error).toBeInstanceOf(CredentialUnavailable);
    expect(error).toMatchObject({ code: 'credential_unavailable', retryable: true });
    expect(error.message).toBe(
      `Get a token for ${AUDIENCE}: Entra or the managed identity endpoint gave no token. Check that a managed identity ` +
        'is assigned (AZURE_CLIENT_ID when it is user-assigned) and that AZURE_AUTHORITY_HOST can be reached.',
    );
  });

  it('keeps its cause for whoever debugs it', () => {
    const cause = new CredentialUnavailableError('endpoints_resolution_error');
    expect(toCredentialError(AUDIENCE, cause).cause).toBe(cause);
  });
});

describe('a credential error', () => {
  it.each([
    ['refused', required('invalid_client', '7000215', 401)],
    ['refused in the other form', authentication(400, 'invalid_client', [7000215])],
    ['refused with text for a code', required(`x ${SECRET}`, SECRET, 401)],
    ['down', required('server_error', undefined, 503)],
    ['not there', new CredentialUnavailableError(SECRET)],
  ])(
    'holds nothing of a description when Entra is %s: neither in its message nor in what is logged',
    (_case, cause) => {
      const error = toCredentialError(AUDIENCE, cause);
      expect(error.message).not.toContain(SECRET);
      expect(error.stack).not.toContain(SECRET);
      expect(JSON.stringify(error)).not.toContain(SECRET);
    },
  );
});

describe('a secret that cannot be read', () => {
  const unavailable = (status: number | undefined, serviceCode?: string) =>
    new SecretUnavailable({
      secretName: 'defender',
      status,
      serviceCode,
      requestId: 'r-1',
      cause: undefined,
    });

  it.each([
    [
      403,
      'Forbidden',
      "give the identity the role 'Key Vault Secrets User' on the vault, and let it through the vault's network rules",
      false,
    ],
    [404, 'SecretNotFound', 'check DEFENDER_SECRET_NAME and KEY_VAULT_URL', false],
    [400, 'BadParameter', 'check KEY_VAULT_URL and the network', false],
    [429, 'Throttled', 'check KEY_VAULT_URL and the network', true],
    [503, 'Unavailable', 'check KEY_VAULT_URL and the network', true],
  ])('says what to do after %i %s', (status, code, advice, retryable) => {
    const error = unavailable(status, code);
    expect(error.message).toBe(
      `Read secret 'defender': Key Vault gave ${status} ${code}; ${advice}. Request id r-1.`,
    );
    expect(error.retryable).toBe(retryable);
  });

  it('may pass by itself when the vault gave no answer', () => {
    expect(unavailable(undefined)).toMatchObject({
      retryable: true,
      message:
        "Read secret 'defender': Key Vault gave no answer; check KEY_VAULT_URL and the network. Request id r-1.",
    });
  });
});
