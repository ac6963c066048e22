import { DefenderClient } from '../defender/DefenderClient.ts';
import { readJson } from '../defender/readJson.ts';
import { DefenderHttpError } from '../defender/DefenderHttpError.ts';
import type { SigningKeys } from '../http/SigningKeys.ts';
import { decodeTokenClaims, type TokenClaims } from '../identity/decodeTokenClaims.ts';
import { isPermitted, type DefenderApi, type Permission } from '../identity/permissions.ts';
import type { TokenSource } from '../identity/TokenSource.ts';
import type { Clock } from '../runtime/Clock.ts';
import type { ServiceEndpoint } from '../settings/parseSettings.ts';
import type { CallReport, TokenReport } from './AccessReport.ts';
import { checkToken, type CheckedToken } from './checkToken.ts';
import { toFinding, type Finding } from './Finding.ts';
import { inTime } from './inTime.ts';
import { probes, type Probe } from './probes.ts';

const TOKEN_TIMEOUT_MS = 15_000;
const CALL_TIMEOUT_MS = 15_000;

export interface ApiCheckInit {
  readonly api: DefenderApi;
  readonly endpoint: ServiceEndpoint;
  /** What is switched on and needs this API. */
  readonly needed: readonly Permission[];
  readonly as: 'application' | 'person';
  readonly tokens: TokenSource;
  readonly how: string;
  readonly expectedClientId: string | undefined;
  readonly tenantId: string;
  readonly keys: Pick<SigningKeys, 'issuer' | 'find'>;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** What was seen of one API; nothing of it is thrown. */
export interface ApiCheck {
  readonly api: DefenderApi;
  readonly findings: readonly Finding[];
  readonly token: TokenReport | undefined;
  /** Undefined when there is no token, or one that cannot be read. */
  readonly claims: TokenClaims | undefined;
  readonly call: CallReport | undefined;
  /** How far the service's clock is ahead of this host's; milliseconds. */
  readonly clockAheadMs: number | undefined;
}

/** Gets a token for one API, reads it, and makes one call that does no harm. Never throws. */
export async function checkApi(init: ApiCheckInit, signal: AbortSignal): Promise<ApiCheck> {
  const { api, as, endpoint, how, clock } = init;
  let token: string;
  try {
    token = await inTime(TOKEN_TIMEOUT_MS, signal, (limited) => getNewestToken(init, limited));
  } catch (error) {
    const missed = { about: api, status: 'skipped', text: 'There is no token to look at.' } as const;
    return {
      ...nothing,
      api,
      findings: [
        toFinding('token', api, error),
        { step: 'claims', ...missed },
        { step: 'signature', ...missed },
        { step: 'call', ...missed, text: 'There is no token to call with.' },
      ],
    };
  }
  const read = await checkToken(token, { ...init, audience: endpoint.audience, now: clock.now() });
  const checked = { ...read, claims: read.claims && { ...read.claims, isPerson: as === 'person' } };
  const { validUntil } = checked.report;
  const until = validUntil === undefined ? '' : `, valid until ${validUntil}`;
  const obtained: Finding = {
    step: 'token',
    about: api,
    status: 'ok',
    text: `A token for ${endpoint.audience} by ${how}${until}.`,
  };
  const { finding, ...called } = await call(init, checked, signal);
  return {
    api,
    token: checked.report,
    claims: checked.claims,
    findings: [obtained, ...checked.findings, finding],
    ...called,
  };
}

const uncalled = { call: undefined, clockAheadMs: undefined };
const nothing = { token: undefined, claims: undefined, ...uncalled };

/** A person's token may be one that is kept, from before somebody consented. */
async function getNewestToken(
  { tokens, endpoint, needed, as }: ApiCheckInit,
  signal: AbortSignal,
): Promise<string> {
  const kept = await tokens.getToken(endpoint.audience, signal);
  const claims = decodeTokenClaims(kept);
  const isEnough =
    claims === undefined || needed.every((one) => isPermitted(one, { ...claims, isPerson: as === 'person' }));
  return isEnough || as === 'application'
    ? kept
    : await tokens.getToken(endpoint.audience, signal, kept, true);
}

interface Called extends Pick<ApiCheck, 'call' | 'clockAheadMs'> {
  readonly finding: Finding;
}

async function call(init: ApiCheckInit, { claims }: CheckedToken, signal: AbortSignal): Promise<Called> {
  const { api, as, needed } = init;
  const probe = probes.find(
    ({ permission }) =>
      needed.includes(permission) && (claims === undefined || isPermitted(permission, claims)),
  );
  if (!probe) {
    const text = 'No call was made: the token permits none that does no harm.';
    return { ...uncalled, finding: { step: 'call', about: api, status: 'skipped', text } };
  }
  const { fetch, seen } = observe(init.fetch, init.clock);
  const shown = `${probe.method} ${probe.path}`;
  try {
    const requestId = await inTime(CALL_TIMEOUT_MS, signal, (limited) =>
      send(probe, { ...init, fetch }, limited),
    );
    const finding: Finding = {
      step: 'call',
      about: api,
      status: 'ok',
      text: `${shown} answered ${seen.status ?? '?'}.`,
      requestId,
    };
    return { finding, ...toCalled(seen, { api, as, call: shown, requestId }) };
  } catch (error) {
    const found = judgeCall(shown, api, error);
    const { code, requestId } = found;
    return { finding: found, ...toCalled(seen, { api, as, call: shown, code, requestId }) };
  }
}

async function send(
  { permission, method, path, body }: Probe,
  { api, as, endpoint, tokens, fetch }: ApiCheckInit,
  signal: AbortSignal,
): Promise<string | undefined> {
  const operation = `Try ${api}`;
  const client = new DefenderClient({
    ...endpoint,
    tokens,
    kind: as,
    fetch,
    requestTimeoutMs: CALL_TIMEOUT_MS,
  });
  const answer = await client.send({ operation, method, path, body, permission, signal });
  await readJson(operation, answer);
  return answer.requestId;
}

function judgeCall(shown: string, api: DefenderApi, error: unknown): Finding {
  const finding = toFinding('call', api, error);
  if (!(error instanceof DefenderHttpError)) return finding;
  if (error.isThrottled) {
    return {
      ...finding,
      status: 'warning',
      advice: 'It was let in, but asked too often; look at the quotas.',
    };
  }
  // Source: https://learn.microsoft.com/defender-endpoint/api/get-machines (404 when no machine reported lately)
  if (error.serviceStatus === 404 && shown.includes('/api/machines')) {
    return {
      step: 'call',
      about: api,
      status: 'ok',
      text: `${shown} answered 404: no device reported lately.`,
    };
  }
  return finding;
}

interface Seen {
  status?: number;
  clockAheadMs?: number;
}

/** A fetch that keeps the status and the clock of the last answer. */
function observe(inner: typeof fetch, clock: Clock): { readonly fetch: typeof fetch; readonly seen: Seen } {
  const seen: Seen = {};
  return {
    seen,
    fetch: async (...request) => {
      const response = await inner(...request);
      seen.status = response.status;
      const date = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(date)) seen.clockAheadMs = date - clock.now();
      return response;
    },
  };
}

function toCalled({ status, clockAheadMs }: Seen, call: Omit<CallReport, 'status'>) {
  return { call: { ...call, status }, clockAheadMs };
}
