import type { Call } from '../http/Call.ts';
import type { SecretVersion } from './SecretStore.ts';
import { toItem } from './toBundle.ts';
import { vaultErrors, vaultRefusal } from './vaultRefusal.ts';

/** The service gives no more at once. */
const largestPage = 25;

/**
 * One page of the versions of a secret, without their values; the page names the next one.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret-versions/get-secret-versions
 */
export function listVersions(
  versions: readonly SecretVersion[],
  call: Call,
  idOf: (version: string) => string,
  baseUrl: string,
): Record<string, unknown> {
  const size = getNumber(call, 'maxresults', largestPage);
  if (size < 1 || size > largestPage)
    throw vaultRefusal(vaultErrors.badParameter(`maxresults must be 1 to ${largestPage}.`));
  const from = getNumber(call, '$skiptoken', 0);
  const next = new URLSearchParams(call.query);
  next.set('$skiptoken', String(from + size));
  const hasMore = from + size < versions.length;
  return {
    value: versions.slice(from, from + size).map((secret) => toItem(secret, idOf(secret.version))),
    nextLink: hasMore ? `${baseUrl}${call.path}?${next.toString()}` : null,
  };
}

function getNumber(call: Call, name: string, fallback: number): number {
  const text = call.query.get(name);
  if (text === null) return fallback;
  if (!/^\d{1,6}$/.test(text)) throw vaultRefusal(vaultErrors.badParameter(`${name} must be a number.`));
  return Number(text);
}
