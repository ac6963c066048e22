import type { DefenderAccess } from '../src/defender/DefenderAccess.ts';
import { decodeTokenClaims } from '../src/identity/decodeTokenClaims.ts';
import { isPermitted, permissions, type DefenderApi } from '../src/identity/permissions.ts';
import { AppError } from '../src/runtime/AppError.ts';
import { UsageError } from './runCommand.ts';

/** What a token for one API says of who signed in. */
export interface Identity {
  readonly api: DefenderApi;
  readonly audience: string;
  readonly tenantId?: string | undefined;
  readonly applicationId?: string | undefined;
  /** Absent when an application signed in. */
  readonly person?: string | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** What the scopes or roles are enough for. A person's role in Defender decides besides. */
  readonly allows: readonly string[];
  /** Why nothing is known. */
  readonly note?: string | undefined;
}

const apis: readonly DefenderApi[] = ['endpoint', 'xdr', 'graph'];

/** Who signed in, by the token of each API. An API without one has a note instead. */
export async function whoami(access: DefenderAccess, signal: AbortSignal): Promise<readonly Identity[]> {
  return await Promise.all(apis.map((api) => identify(access, api, signal)));
}

async function identify(
  { tokens, endpoints }: DefenderAccess,
  api: DefenderApi,
  signal: AbortSignal,
): Promise<Identity> {
  const { audience } = endpoints[api];
  const nobody = { api, audience, scopes: [], roles: [], allows: [] };
  let token: string;
  try {
    token = await tokens.getToken(audience, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError || error instanceof UsageError) return { ...nobody, note: error.message };
    throw error;
  }
  const claims = decodeTokenClaims(token);
  if (!claims) return { ...nobody, note: 'The token cannot be read; a call decides.' };
  const { tenantId, applicationId, isPerson, personName, scopes, roles } = claims;
  const allowed = permissions.filter((row) => row.api === api && isPermitted(row, claims));
  return {
    api,
    audience,
    tenantId,
    applicationId,
    person: isPerson ? personName : undefined,
    scopes,
    roles,
    allows: [...new Set(allowed.map(({ feature }) => feature))],
  };
}
