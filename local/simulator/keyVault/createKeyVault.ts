import {
  TokenError,
  verifyAccessToken,
  type AccessClaims,
  type TokenAuthority,
} from '../entra/accessToken.ts';
import { azureKeyVault, findResource } from '../entra/resources.ts';
import { json, type Answer } from '../http/Answer.ts';
import type { Call } from '../http/Call.ts';
import type { Service } from '../http/Service.ts';
import { withRequestId } from '../http/withRequestId.ts';
import { vaultErrors, vaultRefusal } from './vaultRefusal.ts';
import type { SecretStore, SecretVersion } from './SecretStore.ts';

/** What the vault works with. */
export interface KeyVault extends TokenAuthority {
  readonly secrets: SecretStore;
  /** Object ids of the principals that may read secrets (role Key Vault Secrets User). */
  readonly secretReaders: Set<string>;
  /** The tenant's authority, for the challenge. */
  readonly authority: () => string;
  readonly baseUrl: () => string;
}

/**
 * Azure Key Vault: reading secrets.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export function createKeyVault(vault: KeyVault): Service {
  return {
    name: 'keyVault',
    handle: (call) => withRequestId(answerSecret(vault, call)),
    throttled: (retryAfter) => {
      const { status, code, message } = vaultErrors.throttled();
      return json(status, { error: { code, message } }, { 'Retry-After': retryAfter });
    },
  };
}

const apiVersions = ['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01', '2026-04-01'];

async function answerSecret(vault: KeyVault, call: Call): Promise<Answer> {
  const claims = await authenticate(vault, call);
  const [, name, version] = /^\/secrets\/([^/]+)(?:\/([^/]+))?\/?$/.exec(call.path) ?? [];
  if (name === undefined) throw documentedElsewhere(call) ?? vaultRefusal(vaultErrors.notFound(call.path));
  if (call.method !== 'GET') throw vaultRefusal(vaultErrors.notSimulated(`${call.method} /secrets/{name}`));
  const apiVersion = call.query.get('api-version');
  if (apiVersion === null) throw vaultRefusal(vaultErrors.missingApiVersion());
  if (!apiVersions.includes(apiVersion)) throw vaultRefusal(vaultErrors.unsupportedApiVersion(apiVersion));
  if (!vault.secretReaders.has(claims.oid)) throw vaultRefusal(vaultErrors.missingRole(claims));
  const secret = vault.secrets.find(name, version);
  if (secret === undefined)
    throw vaultRefusal(vaultErrors.secretNotFound(version === undefined ? name : `${name}/${version}`));
  if (!secret.isEnabled) throw vaultRefusal(vaultErrors.secretDisabled());
  return json(200, toBundle(secret, `${vault.baseUrl()}/secrets/${name}/${secret.version}`), {
    'Cache-Control': 'no-cache',
  });
}

function documentedElsewhere(call: Call): Error | undefined {
  const [, collection] = /^\/(secrets|deletedsecrets|keys|certificates)(?:\/|$)/.exec(call.path) ?? [];
  return collection === undefined
    ? undefined
    : vaultRefusal(vaultErrors.notSimulated(`${call.method} /${collection}/...`));
}

async function authenticate(vault: KeyVault, call: Call): Promise<AccessClaims> {
  const challenge = {
    'WWW-Authenticate': `Bearer authorization="${vault.authority()}", resource="https://vault.azure.net"`,
  };
  const token = /^Bearer (\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
  if (token === undefined) throw vaultRefusal(vaultErrors.missingToken(), challenge);
  try {
    const claims = await verifyAccessToken(vault, token);
    if (findResource(claims.aud) !== azureKeyVault) throw new TokenError('The audience is not Key Vault.');
    call.principal = claims.appid;
    return claims;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw vaultRefusal(vaultErrors.invalidToken(error.message), challenge);
  }
}

function toBundle(secret: SecretVersion, id: string): Record<string, unknown> {
  return {
    value: secret.value,
    ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
    id,
    attributes: {
      enabled: true,
      ...(secret.expiresMs === undefined ? {} : { exp: toSeconds(secret.expiresMs) }),
      created: toSeconds(secret.createdMs),
      updated: toSeconds(secret.updatedMs),
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    ...(secret.tags === undefined ? {} : { tags: secret.tags }),
  };
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
