import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { SigningKeys } from '../http/SigningKeys.ts';
import { SigningKeysUnavailable } from '../http/SigningKeysUnavailable.ts';
import { decodeTokenClaims, type TokenClaims } from '../identity/decodeTokenClaims.ts';
import type { DefenderApi } from '../identity/permissions.ts';
import type { TokenReport } from './AccessReport.ts';
import { toFinding, type Finding } from './Finding.ts';

const CLOCK_TOLERANCE_S = 120;
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export interface TokenCheckInit {
  readonly api: DefenderApi;
  readonly audience: string;
  readonly how: string;
  /** Undefined where the settings do not say which application it must be. */
  readonly expectedClientId: string | undefined;
  /** A GUID, or the domain name of the home tenant. */
  readonly tenantId: string;
  /** Of the tenant. */
  readonly keys: Pick<SigningKeys, 'issuer' | 'find'>;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface CheckedToken {
  readonly report: TokenReport;
  /** Undefined when the token cannot be read. */
  readonly claims: TokenClaims | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads a token and looks whether it is what was asked for, and whether Entra signed it. Microsoft promises no form for
 * the tokens of its own APIs, so one that cannot be read is no fault.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
 */
export async function checkToken(token: string, init: TokenCheckInit): Promise<CheckedToken> {
  const { api, audience, how } = init;
  const claims = decodeTokenClaims(token);
  const payload = decodePayload(token);
  if (!claims || !payload) {
    const text = 'The token cannot be read, which Microsoft allows itself; the real call decides.';
    return {
      claims: undefined,
      report: { api, audience, how, roles: [], scopes: [] },
      findings: [
        { step: 'claims', about: api, status: 'skipped', text },
        {
          step: 'signature',
          about: api,
          status: 'skipped',
          text: 'A token that cannot be read has none to check.',
        },
      ],
    };
  }
  const signature = await checkSignature(token, init);
  return {
    claims,
    report: {
      api,
      audience,
      how,
      validUntil: toIso(payload.exp),
      tenantId: claims.tenantId,
      applicationId: claims.applicationId,
      person: claims.isPerson ? claims.personName : undefined,
      roles: claims.roles,
      scopes: claims.scopes,
      isVerified: signature.isVerified,
    },
    findings: [await checkClaims(claims, payload, init), signature.finding],
  };
}

async function checkClaims(claims: TokenClaims, { exp }: JWTPayload, init: TokenCheckInit): Promise<Finding> {
  const { api, expectedClientId, now } = init;
  const about = { step: 'claims', about: api } as const;
  const tenantId = await findTenantGuid(init);
  if (tenantId !== undefined && claims.tenantId?.toLowerCase() !== tenantId) {
    return {
      ...about,
      status: 'failed',
      code: 'token_wrong_tenant',
      text: `The token is of the tenant ${claims.tenantId ?? '(none)'} instead of ${tenantId}.`,
      advice: 'Check DEFENDER_TENANT_ID, and in which tenant the identity lives.',
    };
  }
  if (
    expectedClientId !== undefined &&
    claims.applicationId?.toLowerCase() !== expectedClientId.toLowerCase()
  ) {
    return {
      ...about,
      status: 'failed',
      code: 'token_wrong_application',
      text: `The token is of the application ${claims.applicationId ?? '(none)'} instead of ${expectedClientId}.`,
      advice: 'Check DEFENDER_CREDENTIAL, DEFENDER_CLIENT_ID and AZURE_CLIENT_ID.',
    };
  }
  if (exp !== undefined && exp * 1000 + CLOCK_TOLERANCE_S * 1000 < now) {
    return {
      ...about,
      status: 'failed',
      code: 'token_expired',
      text: `The token was valid until ${toIso(exp) ?? '?'} only, by the clock of this host.`,
      advice: 'Check the clock of the host.',
    };
  }
  const carries = claims.isPerson
    ? `the scopes ${claims.scopes.join(', ')}`
    : `the roles ${claims.roles.join(', ') || '(none)'}`;
  return {
    ...about,
    status: 'ok',
    text: `Tenant ${claims.tenantId ?? '?'}, application ${claims.applicationId ?? '?'}, with ${carries}.`,
  };
}

/** The home tenant may be known by its domain name; Entra's own issuer has the id. */
async function findTenantGuid({ tenantId, keys }: TokenCheckInit): Promise<string | undefined> {
  if (GUID.test(tenantId)) return tenantId.toLowerCase();
  try {
    return GUID.exec(new URL(await keys.issuer()).pathname)?.[0].toLowerCase();
  } catch {
    // The check of the signature meets the same, and tells it.
    return undefined;
  }
}

async function checkSignature(
  token: string,
  { api, keys, now }: TokenCheckInit,
): Promise<{ readonly isVerified: boolean | undefined; readonly finding: Finding }> {
  const about = { step: 'signature', about: api } as const;
  // Entra signs such a token with another nonce than the one that stands in it; only the API itself can verify it.
  // Source: https://github.com/AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet/issues/609
  if ('nonce' in decodeProtectedHeader(token)) {
    const text =
      'The header of the token carries a nonce: such a token, as Microsoft Graph has them, can be verified by its API only.';
    return { isVerified: undefined, finding: { ...about, status: 'skipped', text } };
  }
  try {
    await jwtVerify(token, keys.find, {
      algorithms: ['RS256'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now),
    });
    return { isVerified: true, finding: { ...about, status: 'ok', text: 'Entra signed the token.' } };
  } catch (error) {
    if (error instanceof SigningKeysUnavailable) {
      const { text: _, ...rest } = toFinding('signature', api, error, 'warning');
      const text = 'The signature was not checked: the signing keys of Entra cannot be read.';
      const advice = 'Check AZURE_AUTHORITY_HOST and the network.';
      return { isVerified: undefined, finding: { ...rest, text, advice } };
    }
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
      // The times come after the signature, which therefore holds.
      return { isVerified: true, finding: { ...about, status: 'ok', text: 'Entra signed the token.' } };
    }
    const why =
      error instanceof errors.JWKSNoMatchingKey
        ? 'it names a key that Entra does not publish for the tenant'
        : 'its signature does not fit';
    return {
      isVerified: false,
      finding: {
        ...about,
        status: 'failed',
        code: 'token_signature_wrong',
        text: `The token is not one that Entra signed: ${why}.`,
        advice: 'Check AZURE_AUTHORITY_HOST, IDENTITY_ENDPOINT, and for a proxy that stands between.',
      },
    };
  }
}

function decodePayload(token: string): JWTPayload | undefined {
  try {
    decodeProtectedHeader(token);
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as JWTPayload;
  } catch {
    return undefined;
  }
}

function toIso(seconds: unknown): string | undefined {
  const isInstant = typeof seconds === 'number' && Math.abs(seconds) < 8.64e12;
  return isInstant ? new Date(seconds * 1000).toISOString() : undefined;
}
