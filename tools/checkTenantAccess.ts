import { setTimeout as delay } from 'node:timers/promises';
import type { ApiCaller, Reply } from './openCaller.ts';
import { UsageError } from './runCommand.ts';

/** The app looks at its list of tenants every few seconds. */
const TRIES = 8;
const PAUSE_MS = 2_000;

/** What the app found when it got itself a token of the tenant. */
export interface TenantCheck {
  readonly isReady: boolean;
  /** Lines that say what is missing; empty when it is ready. */
  readonly lacks: readonly string[];
}

interface Report {
  readonly isReady?: unknown;
  readonly features?: readonly {
    readonly feature?: string;
    readonly isGranted?: boolean;
    readonly missing?: readonly string[];
  }[];
  readonly problems?: readonly { readonly message?: string }[];
}

/** Asks the app, because only the app has its credential. @throws UsageError when it refuses to look. */
export async function checkTenantAccess(
  caller: ApiCaller,
  tenantId: string,
  pauseMs: number = PAUSE_MS,
): Promise<TenantCheck> {
  let reply = await ask(caller, tenantId);
  for (let tries = 1; codeOf(reply) === 'tenant_not_found' && tries < TRIES; tries += 1) {
    await delay(pauseMs);
    reply = await ask(caller, tenantId);
  }
  if (reply.status !== 200) {
    const { detail } = (reply.body ?? {}) as { detail?: unknown };
    const why = typeof detail === 'string' ? detail : 'it gave no reason';
    throw new UsageError(`The app cannot look at the tenant (HTTP ${reply.status}): ${why}`);
  }
  const { isReady, features = [], problems = [] } = (reply.body ?? {}) as Report;
  if (isReady === true) return { isReady: true, lacks: [] };
  const missing = features.flatMap(({ feature = '?', missing: roles = [] }) =>
    roles.length === 0 ? [] : [`${feature}: ${roles.join(', ')}`],
  );
  return {
    isReady: false,
    lacks: [...missing, ...problems.flatMap(({ message }) => (typeof message === 'string' ? [message] : []))],
  };
}

async function ask(caller: ApiCaller, tenantId: string): Promise<Reply> {
  return await caller.send('GET', `/api/access?tenant=${encodeURIComponent(tenantId)}`);
}

function codeOf({ status, headers }: Reply): string | null {
  return status === 200 ? null : headers.get('x-ms-error-code');
}
