import { UsageError } from './runCommand.ts';

const TIMEOUT_MS = 30_000;

/**
 * The id of the tenant that Entra knows by this id or domain, in lower case; asked of the tenant's public OpenID
 * configuration, whose issuer names it.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 * @throws UsageError when Entra knows none, or does not answer.
 */
export async function lookUpTenant(authorityHost: string, text: string): Promise<string> {
  const url = `${authorityHost}/${encodeURIComponent(text)}/v2.0/.well-known/openid-configuration`;
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new UsageError(`Entra does not answer at ${authorityHost}. Check the network, and DEFENDER_CLOUD.`);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  const { issuer } = (typeof answer === 'object' && answer !== null ? answer : {}) as { issuer?: unknown };
  const [, id] = /\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/v2\.0$/i.exec(String(issuer)) ?? [];
  if (response.ok && id !== undefined) return id.toLowerCase();
  throw new UsageError(
    `Entra at ${authorityHost} knows no tenant '${text}'. Name it by its id or one of its domains; a tenant of ` +
      'another cloud is not known there.',
  );
}
