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
import { listVersions } from './listVersions.ts';
import { parseAttributes, parseNewSecret } from './parseSecret.ts';
import type { SecretStore } from './SecretStore.ts';
import { toBundle, toItem } from './toBundle.ts';
import { vaultErrors, vaultRefusal } from './vaultRefusal.ts';

/** What the vault works with. */
export interface KeyVault extends TokenAuthority {
  readonly secrets: SecretStore;
  /** Object ids of the principals that may read secrets (role Key Vault Secrets User). */
  readonly secretReaders: Set<string>;
  /** Object ids of the principals that may also set and change them (role Key Vault Secrets Officer). */
  readonly secretOfficers: Set<string>;
  /** The tenant's authority, for the challenge. */
  readonly authority: () => string;
  /** What a token for the vault is asked for in this cloud, for the challenge. */
  readonly resource: string;
  readonly baseUrl: () => string;
}

/**
 * Azure Key Vault: reading and setting secrets, and enabling or disabling their versions.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
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
  const [, name, rest] = /^\/secrets\/([^/]+)(?:\/([^/]+))?\/?$/.exec(call.path) ?? [];
  if (name === undefined) throw documentedElsewhere(call) ?? vaultRefusal(vaultErrors.notFound(call.path));
  const answer = chooseAnswer(vault, call, name, rest);
  if (!answer) throw vaultRefusal(vaultErrors.notSimulated(`${call.method} ${call.path}`));
  const apiVersion = call.query.get('api-version');
  if (apiVersion === null) throw vaultRefusal(vaultErrors.missingApiVersion());
  if (!apiVersions.includes(apiVersion)) throw vaultRefusal(vaultErrors.unsupportedApiVersion(apiVersion));
  const { role, action, give } = answer;
  const mayRead = role === 'reader' && vault.secretReaders.has(claims.oid);
  if (!mayRead && !vault.secretOfficers.has(claims.oid))
    throw vaultRefusal(vaultErrors.missingRole(claims, action));
  return json(200, give(), { 'Cache-Control': 'no-cache' });
}

interface VaultAnswer {
  /** Who gets it; officers get everything. */
  readonly role: 'reader' | 'officer';
  /** The data action of the role, below `Microsoft.KeyVault/vaults/secrets/`. */
  readonly action: string;
  readonly give: () => unknown;
}

function chooseAnswer(
  vault: KeyVault,
  call: Call,
  name: string,
  rest: string | undefined,
): VaultAnswer | undefined {
  const { secrets, clock } = vault;
  const idOf = (version: string) => `${vault.baseUrl()}/secrets/${name}/${version}`;
  const find = (version?: string) => {
    const secret = secrets.find(name, version);
    if (secret) return secret;
    throw vaultRefusal(vaultErrors.secretNotFound(version === undefined ? name : `${name}/${version}`));
  };
  switch (`${call.method} ${rest === undefined ? 'name' : rest === 'versions' ? 'versions' : 'version'}`) {
    case 'GET name':
    case 'GET version':
      return {
        role: 'reader',
        action: 'getSecret/action',
        give: () => {
          const secret = find(rest);
          if (!secret.isEnabled) throw vaultRefusal(vaultErrors.secretDisabled());
          return toBundle(secret, idOf(secret.version));
        },
      };
    case 'GET versions':
      return {
        role: 'reader',
        action: 'readMetadata/action',
        give: () => listVersions(secrets.listVersions(name), call, idOf, vault.baseUrl()),
      };
    case 'PUT name':
      return {
        role: 'officer',
        action: 'setSecret/action',
        give: () => {
          const { value, details } = parseNewSecret(name, call);
          const secret = secrets.set(name, value, clock.nowMs(), details);
          return toBundle(secret, idOf(secret.version));
        },
      };
    case 'PATCH version':
      return {
        role: 'officer',
        action: 'update/action',
        give: () => {
          const secret = find(rest);
          secret.isEnabled = parseAttributes(call).isEnabled ?? secret.isEnabled;
          secret.updatedMs = clock.nowMs();
          return toItem(secret, idOf(secret.version));
        },
      };
    default:
      return undefined;
  }
}

function documentedElsewhere(call: Call): Error | undefined {
  const [, collection] = /^\/(secrets|deletedsecrets|keys|certificates)(?:\/|$)/.exec(call.path) ?? [];
  return collection === undefined
    ? undefined
    : vaultRefusal(vaultErrors.notSimulated(`${call.method} /${collection}/...`));
}

async function authenticate(vault: KeyVault, call: Call): Promise<AccessClaims> {
  const challenge = {
    'WWW-Authenticate': `Bearer authorization="${vault.authority()}", resource="${vault.resource}"`,
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
