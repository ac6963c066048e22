import type { AccessClaims } from '../entra/accessToken.ts';
import { json } from '../http/Answer.ts';
import { Refusal } from '../http/Refusal.ts';

interface VaultError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly innerCode?: string;
}

/**
 * The refusals of the vault, one constructor each.
 *
 * Source: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 */
export const vaultErrors = {
  missingToken: (): VaultError => ({
    status: 401,
    code: 'Unauthorized',
    message: 'AKV10000: The request has no bearer token.',
  }),
  invalidToken: (reason: string): VaultError => ({
    status: 401,
    code: 'Unauthorized',
    message: `AKV10032: The token was refused. ${reason}`,
  }),
  missingRole: ({ appid, oid }: AccessClaims, action: string): VaultError => ({
    status: 403,
    code: 'Forbidden',
    message: `The caller is not authorized. Caller: appid=${appid};oid=${oid} Action: 'Microsoft.KeyVault/vaults/secrets/${action}' Assignment: (not found)`,
    innerCode: 'ForbiddenByRbac',
  }),
  secretDisabled: (): VaultError => ({
    status: 403,
    code: 'Forbidden',
    message: 'A disabled secret cannot be read.',
    innerCode: 'SecretDisabled',
  }),
  secretNotFound: (id: string): VaultError => ({
    status: 404,
    code: 'SecretNotFound',
    message: `A secret with (name/id) ${id} was not found in this key vault.`,
  }),
  notFound: (path: string): VaultError => ({
    status: 404,
    code: 'NotFound',
    message: `There is nothing at ${path}.`,
  }),
  missingApiVersion: (): VaultError => ({
    status: 400,
    code: 'BadParameter',
    message: 'The query parameter api-version is missing.',
  }),
  unsupportedApiVersion: (version: string): VaultError => ({
    status: 400,
    code: 'BadParameter',
    message: `The api-version '${version}' is not supported.`,
  }),
  badParameter: (why: string): VaultError => ({ status: 400, code: 'BadParameter', message: why }),
  throttled: (): VaultError => ({ status: 429, code: 'Throttled', message: 'Too many requests.' }),
  notSimulated: (what: string): VaultError => ({
    status: 501,
    code: 'NotSimulated',
    message: `The simulator does not do ${what}. docs/simulator.md lists what it does.`,
  }),
} as const;

/** A refusal in the shape of Key Vault. */
export function vaultRefusal(error: VaultError, headers: Readonly<Record<string, string>> = {}): Refusal {
  const { status, code, message, innerCode } = error;
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  return new Refusal(json(status, { error: { code, message, ...inner } }, headers));
}
