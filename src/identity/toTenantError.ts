import { CredentialRefused } from './CredentialRefused.ts';
import { CredentialUnavailable } from './CredentialUnavailable.ts';

export interface TenantTrouble {
  readonly authorityHost: string;
  readonly tenantId: string;
  /** For what, where and as whom a token was asked for. */
  readonly subject: string;
  readonly signal: AbortSignal;
}

/** Entra's answer about a tenant that it does not know. */
const INVALID_TENANT = 'invalid_tenant';
/** The token was waited for already, and the answer only makes its error clearer. */
const TIMEOUT_MS = 5_000;

/**
 * The same error, or the refusal that the SDK hides: it tells a tenant that does not exist and an Entra that is down with
 * the same words, because both keep it from reading where tokens are given out. That is asked for once more, and looked at.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#find-your-apps-openid-configuration-document-uri
 */
export async function toTenantError(error: unknown, trouble: TenantTrouble): Promise<unknown> {
  const { authorityHost, tenantId, subject, signal } = trouble;
  if (!(error instanceof CredentialUnavailable)) return error;
  try {
    const url = `${authorityHost}/${tenantId}/v2.0/.well-known/openid-configuration`;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(url, { signal: inTime, redirect: 'error' });
    if (response.status !== 400) return error;
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    if (answer.error !== INVALID_TENANT) return error;
    return new CredentialRefused({
      subject,
      error: INVALID_TENANT,
      number: '90002',
      correlationId: idOf(answer.correlation_id),
      traceId: idOf(answer.trace_id),
      cause: error.cause,
    });
  } catch {
    // Entra cannot be reached: that is what the error says already.
    return error;
  }
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{1,100}$/.test(value) ? value : undefined;
}
