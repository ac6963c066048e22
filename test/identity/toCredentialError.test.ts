import {
  AuthenticationError,
  AuthenticationRequiredError,
  CredentialUnavailableError,
} from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { OnBehalfOfRefused } from '../../src/identity/OnBehalfOfRefused.ts';
import { toOnBehalfOfError } from '../../src/identity/toOnBehalfOfError.ts';
import { CredentialUnavailable } from '../../src/identity/CredentialUnavailable.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { toCredentialError } from '../../src/identity/toCredentialError.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const SECRET = 'Xy8Q~the-client-secret-itself';
const CORRELATION_ID = 'b1f8e6a2-0000-4000-8000-1234567890ab';
const TRACE_ID = 'c2a9f7b3-1111-4111-8111-234567890abc';
const CLAIMS = '{"access_token":{"polids":{"essential":true,"values":["9ab03e19"]}}}';

/** What MSAL throws: these fields, and a description that nobody may branch on. */
class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly errorCode: string;
  readonly errorNo: string | number | undefined;
  readonly status: number | undefined;
  readonly correlationId = CORRELATION_ID;

  constructor(errorCode: string, errorNo: string | number | undefined, status: number | undefined) {
    super(
      `${errorCode}: AADSTS${errorNo ?? ''}: The secret '${SECRET}' is not valid. - Trace ID: ${TRACE_ID}`,
    );
    this.errorCode = errorCode;
    this.errorNo = errorNo;
    this.status = status;
  }
}

/** As `ClientSecretCredential` rejects what Entra refused. */
function required(errorCode: string, errorNo: string | number | undefined, status?: number): Error {
  const error = new AuthenticationRequiredError({
    scopes: [`${AUDIENCE}/.default`],
    message: `Authentication failed for ${SECRET}`,
  });
  return Object.assign(error, { cause: new ServerError(errorCode, errorNo, status) });
}

/** As they reject what MSAL takes for something that a person can do something about; it has no status. */
function interaction(errorCode: string, errorNo: string, claims = ''): Error {
  const cause = Object.assign(new Error(`AADSTS${errorNo}: ${SECRET}`), {
    name: 'InteractionRequiredAuthError',
    errorCode,
    errorNo,
    correlationId: CORRELATION_ID,
    traceId: TRACE_ID,
    claims,
  });
  const error = new AuthenticationRequiredError({ scopes: [`${AUDIENCE}/.default`], message: SECRET });
  return Object.assign(error, { cause });
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
    [
      '7000215',
      'the secret is wrong; put the value of the secret into Key Vault, not its id; compare the client id',
    ],
    ['7000112', expect.stringMatching(/^the application is disabled in the tenant; enable it/)],
    ['65001', expect.stringMatching(/^nobody consented .*; have an administrator of the tenant consent/)],
    ['999999', expect.stringMatching(/^Entra gave no reason that is known here; look the number up/)],
  ])('with AADSTS%s says what it means and what to do: %s', (number, words) => {
    const error = toCredentialError(AUDIENCE, required('invalid_client', number, 401));
    expect(error).toBeInstanceOf(CredentialRefused);
    expect(error).toMatchObject({ retryable: false, error: 'invalid_client', requestId: CORRELATION_ID });
    const begin = `Get a token for ${AUDIENCE}: Entra refused (invalid_client, AADSTS${number}): `;
    const end = `. Correlation id ${CORRELATION_ID}, trace id ${TRACE_ID}.`;
    expect(error.message.startsWith(begin)).toBe(true);
    expect(error.message.endsWith(end)).toBe(true);
    expect(error.message.slice(begin.length, -end.length)).toEqual(words);
  });

  it('tells a program the number and the word of Entra', () => {
    const error = toCredentialError(AUDIENCE, required('invalid_client', '7000222', 401));
    expect(error.members).toEqual({ entraError: 'invalid_client', aadsts: 7000222 });
    expect(toCredentialError(AUDIENCE, required('invalid_client', undefined, 401)).members).toEqual({
      entraError: 'invalid_client',
    });
  });

  it('that Entra itself ends by and by may be tried again, but not at once', () => {
    const error = toCredentialError(AUDIENCE, required('invalid_grant', '50196', 400));
    expect(error).toMatchObject({ code: 'credential_refused', retryable: true, retryAfterMs: 60_000 });
  });

  it('is known also when the SDK thinks that a person could do something about it', () => {
    const error = toCredentialError(AUDIENCE, interaction('interaction_required', '50076'));
    expect(error).toMatchObject({
      code: 'credential_refused',
      error: 'interaction_required',
      number: '50076',
      requestId: CORRELATION_ID,
    });
  });

  it('is known by a number that is none of text, as MSAL really gives it', () => {
    const { message } = toCredentialError(AUDIENCE, required('invalid_client', 7000222, 401));
    expect(message).toContain('(invalid_client, AADSTS7000222): the secret has expired');
  });

  it('is known by the number in its description where the list of numbers is missing', () => {
    const described = Object.assign(new Error('invalid_client: AADSTS7000222: The secret has expired.'), {
      name: 'ServerError',
      errorCode: 'invalid_client',
      status: 401,
    });
    expect(toCredentialError(AUDIENCE, described)).toMatchObject({
      number: '7000222',
      message: expect.stringContaining('(invalid_client, AADSTS7000222): the secret has expired') as string,
    });
  });

  it('is known by its `error` also without a number', () => {
    const error = toCredentialError(AUDIENCE, required('unauthorized_client', undefined, 400));
    expect(error).toMatchObject({ code: 'credential_refused', error: 'unauthorized_client' });
    expect(error.message).toContain(
      'Entra refused (unauthorized_client): the application is not in this tenant;',
    );
  });

  it.each([
    ['invalid_client', 'the secret or the assertion of the application is wrong or has expired; compare'],
    ['consent_required', 'nobody consented to what the application asks for; have an administrator'],
    ['interaction_required', 'the person must sign in again, or pass another check; sign in again'],
    ['invalid_request', 'the request was not accepted, as where a managed identity is not assigned'],
    ['client_error', 'the answer is none of Entra, and something else answers in its place; check'],
    ['toString', 'Entra gave no reason that is known here;'],
  ])('without a number says what %s means', (word, words) => {
    const { message } = toCredentialError(AUDIENCE, required(word, undefined, 400));
    expect(message).toContain(`Entra refused (${word}): ${words}`);
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
    ['throttled', required('temporarily_unavailable', undefined, 429), 'temporarily_unavailable'],
    ['busy', required('temporarily_unavailable', '90033', 400), 'temporarily_unavailable, AADSTS90033'],
    ['broken, and the SDK keeps the status to itself', required('server_error', undefined), 'server_error'],
    ['down', required('server_error', undefined, 503), 'server_error'],
    ['failing', authentication(500, 'server_error'), 'server_error'],
    ['throttled in the other form', authentication(429, 'too_many_requests'), 'too_many_requests'],
  ])('passes by itself, and nobody is sent to look at the settings: Entra is %s', (_case, cause, shown) => {
    const error = toCredentialError(AUDIENCE, cause);
    expect(error).toBeInstanceOf(CredentialUnavailable);
    expect(error).toMatchObject({
      code: 'credential_unavailable',
      retryable: true,
      requestId: CORRELATION_ID,
      message:
        `Get a token for ${AUDIENCE}: Entra or the managed identity endpoint is busy or broken (${shown}) and gave no ` +
        `token. Nothing has to be changed; try again later. Correlation id ${CORRELATION_ID}.`,
    });
  });

  it.each<readonly [string, unknown]>([
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

describe('a refusal to act on behalf of a person', () => {
  const TENANT = '0b0b0b0b-1111-4222-8333-444455556666';
  const refuse = (error: Error) =>
    toOnBehalfOfError({
      subject: `${AUDIENCE} on behalf of a person`,
      authorityHost: 'https://login.microsoftonline.com',
      tenantId: TENANT,
      error,
    });

  it.each([
    ['consent is missing', interaction('consent_required', '65001'), /nobody consented .*consent/],
    ['consent is missing, in its other form', required('invalid_grant', '65001', 400), /nobody consented/],
    [
      'a second factor is needed',
      interaction('interaction_required', '50076'),
      /a second factor is needed; sign in again/,
    ],
    ['a second factor must be set up', interaction('interaction_required', '50079'), /set it up at/],
    [
      'Conditional Access blocks',
      required('invalid_grant', '53003', 400),
      /Conditional Access blocks it; have an administrator/,
    ],
    [
      'Conditional Access blocks, in its other form',
      required('access_denied', '53003', 400),
      /Conditional Access blocks it/,
    ],
    [
      'the token has expired',
      required('invalid_grant', '500133', 400),
      /the token of the person has expired; get a new token/,
    ],
    [
      'the token does not hold',
      required('invalid_grant', '50013', 400),
      /the token of the person does not hold/,
    ],
  ])('because %s is 403 and says what to do', (_case, thrown, words) => {
    const error = refuse(thrown);
    expect(error).toBeInstanceOf(OnBehalfOfRefused);
    expect(error).toMatchObject({ code: 'on_behalf_of_refused', httpStatus: 403, retryable: false });
    expect(error.message).toMatch(words);
    expect(error.message).toContain(`Correlation id ${CORRELATION_ID}, trace id ${TRACE_ID}.`);
    expect(error.requestId).toBe(CORRELATION_ID);
  });

  it('carries the claims challenge, in the answer and in the form of the documented header', () => {
    const error = refuse(interaction('interaction_required', '50079', CLAIMS));
    if (!(error instanceof OnBehalfOfRefused)) throw new Error('It is another error.');
    expect(error.members).toEqual({ entraError: 'interaction_required', aadsts: 50079, claims: CLAIMS });
    const header =
      /^Bearer realm="(.*)", authorization_uri="(.*)", error="insufficient_claims", claims="(.*)"$/;
    const [, realm, uri, claims = ''] = header.exec(error.wwwAuthenticate ?? '') ?? [];
    expect(realm).toBe(TENANT);
    expect(uri).toBe(`https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`);
    expect(Buffer.from(claims, 'base64').toString()).toBe(CLAIMS);
  });

  it.each(['', 'not JSON', '"text"', `{"a":"${'x'.repeat(4_000)}"}`])(
    'has no challenge when Entra gave none that a client could send on (%#)',
    (claims) => {
      const error = refuse(interaction('interaction_required', '50079', claims));
      if (!(error instanceof OnBehalfOfRefused)) throw new Error('It is another error.');
      expect(error.wwwAuthenticate).toBeUndefined();
      expect(error.members).not.toHaveProperty('claims');
    },
  );

  it.each([
    ['the secret is wrong', required('invalid_client', '7000215', 401), 'credential_refused'],
    ['the application is unknown', required('unauthorized_client', '700016', 400), 'credential_refused'],
    ['the application may not', required('invalid_grant', '7000114', 400), 'credential_refused'],
    ['the audience is unknown', required('invalid_resource', '500011', 400), 'credential_refused'],
    ['it takes the app for a loop', required('invalid_grant', '50196', 400), 'credential_refused'],
    ['Entra is down', required('server_error', undefined, 503), 'credential_unavailable'],
    [
      'nobody answers',
      new CredentialUnavailableError('endpoints_resolution_error'),
      'credential_unavailable',
    ],
  ])('is the fault of the deployment when %s', (_case, thrown, code) => {
    expect(refuse(thrown)).toMatchObject({ code });
  });
});

describe('a credential error', () => {
  it.each<readonly [string, unknown]>([
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
    [
      404,
      'SecretNotFound',
      'check DEFENDER_SECRET_NAME and the vault (KEY_VAULT_URL or KEY_VAULT_NAME)',
      false,
    ],
    [400, 'BadParameter', 'check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network', false],
    [429, 'Throttled', 'check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network', true],
    [503, 'Unavailable', 'check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network', true],
  ])('says what to do after %i %s', (status, code, advice, retryable) => {
    const error = unavailable(status, code);
    expect(error.message).toBe(
      `Read secret 'defender': Key Vault gave ${status} ${code}; ${advice}. Request id r-1.`,
    );
    expect(error.retryable).toBe(retryable);
  });

  it.each([
    ['SecretDisabled', 'enable its newest version in the vault, or add another'],
    ['ForbiddenByFirewall', "let the app through the vault's network rules"],
    ['ForbiddenByRbac', "give the identity the role 'Key Vault Secrets User' on the vault"],
  ])('says what to do when the vault forbids it by %s', (reason, advice) => {
    const init = { secretName: 'defender', status: 403, serviceCode: 'Forbidden', requestId: 'r-1' };
    expect(new SecretUnavailable({ ...init, reason, cause: undefined }).message).toBe(
      `Read secret 'defender': Key Vault gave 403 Forbidden ${reason}; ${advice}. Request id r-1.`,
    );
  });

  it('may pass by itself when the vault gave no answer', () => {
    expect(unavailable(undefined)).toMatchObject({
      retryable: true,
      message:
        "Read secret 'defender': Key Vault gave no answer; check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network. Request id r-1.",
    });
  });
});
