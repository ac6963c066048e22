import type { PermittedFeature } from '../../src/identity/permissions.ts';
import type { ApiCaller, Reply } from '../openCaller.ts';
import { UsageError } from '../runCommand.ts';
import { failed, off, ok, unknown, type Check, type Finding } from './Check.ts';

export interface ApiSubject {
  /** Where callers reach the app, without a closing slash. */
  readonly url: string;
  /** The operator as a caller. @throws UsageError when the operator gets no token */
  readonly caller: () => Promise<ApiCaller>;
  readonly features: readonly PermittedFeature[];
}

/** What `GET /api/health` tells callers with a role. */
interface HealthDetails {
  readonly reasons?: readonly string[];
  readonly credential?: string;
  readonly pull?: { readonly lastSuccessDateTime?: string; readonly lagSeconds?: number };
}

/** No such device can exist: the name is reserved. Source: https://www.rfc-editor.org/rfc/rfc2606 */
const NO_DEVICE = 'defender-functions-verify.invalid';
const STORAGE_REASONS = ['storage_error', 'checkpoint_untrusted', 'operation_untrusted'];

/** Whether the app answers, refuses whom it must, and can do with Defender what its features need. Nothing is changed. */
export function apiChecks({ url, caller, features }: ApiSubject): Check[] {
  const hunts = features.some((feature) => feature.startsWith('hunt'));
  const reads = (what: string) => features.some((feature) => feature.startsWith(what));
  return [
    { name: 'the app answers', run: (signal) => askHealth(url, signal) },
    { name: 'a caller without a token', run: (signal) => expectRefusal(url, undefined, signal) },
    { name: 'a caller with a forged token', run: (signal) => expectRefusal(url, forgeToken(), signal) },
    { name: 'sign-in to Defender', run: async () => readCredential(await readHealth(caller)) },
    { name: 'storage of the app', run: async () => readStorage(await readHealth(caller)) },
    {
      name: 'the last pull (Alert.Read.All)',
      run: async () => {
        if (!features.includes('pullAlerts')) return off('the pull is switched off');
        return readPull(await readHealth(caller));
      },
    },
    {
      name: 'a device look-up (Machine.Read.All)',
      run: async () => {
        if (!features.includes('actOnDevices')) return off('actions are switched off');
        return readLookUp(await (await caller()).send('GET', `/api/devices?name=${NO_DEVICE}`));
      },
    },
    {
      name: 'alerts for callers (their role on the API in use)',
      run: async () => {
        if (!reads('readAlerts')) return off('reading alerts is switched off');
        return readPage('GET /api/alerts', await (await caller()).send('GET', '/api/alerts?since=PT1H'));
      },
    },
    {
      name: 'incidents for callers (their role on the API in use)',
      run: async () => {
        if (!reads('readIncidents')) return off('reading incidents is switched off');
        return readPage(
          'GET /api/incidents',
          await (await caller()).send('GET', '/api/incidents?since=PT1H'),
        );
      },
    },
    {
      name: 'a hunt (its role on the API in use)',
      run: async () => {
        if (!hunts) return off('hunting is switched off');
        const query = { query: 'DeviceInfo | take 1 | project Timestamp', timespan: 'P1D' };
        return readHunt(await (await caller()).send('POST', '/api/hunts', query));
      },
    },
  ];
}

async function askHealth(url: string, signal: AbortSignal): Promise<Finding> {
  const answer = await ask(`${url}/api/health`, {}, signal);
  if (!answer) return failed(`${url} gives no answer.`);
  if (answer.status !== 200) return failed(`GET /api/health: ${answer.status}`);
  const { status } = (await answer.json()) as { status?: string };
  return status === 'up'
    ? ok(`${url} is up`)
    : failed(`${url} is ${status ?? 'not itself'}; the rows below say why.`);
}

async function expectRefusal(url: string, token: string | undefined, signal: AbortSignal): Promise<Finding> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await ask(`${url}/api/operations`, headers, signal);
  if (!answer) return unknown(`${url} gives no answer.`);
  if (answer.status === 401) return ok('GET /api/operations: 401');
  return failed(
    `GET /api/operations: ${answer.status} instead of 401. Stop the app until callers are checked.`,
  );
}

/** In the form of a token and signed by nobody; it says the most that a token can. */
function forgeToken(): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const roles = ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'];
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ roles, exp: 4_102_444_800 })}.`;
}

async function ask(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response | undefined> {
  return await fetch(url, { headers, redirect: 'manual', signal }).catch(() => undefined);
}

async function readHealth(caller: () => Promise<ApiCaller>): Promise<HealthDetails> {
  const { status, body } = await (await caller()).send('GET', '/api/health');
  const details = (body ?? {}) as HealthDetails;
  if (status === 200 && details.reasons !== undefined) return details;
  throw new UsageError(
    'Your token has no role of this API: have Defender.Read assigned to you (docs/deploy.md).',
  );
}

function readCredential({ credential = 'not told' }: HealthDetails): Finding {
  return credential === 'ok'
    ? ok('the app gets a token')
    : failed(`${credential}; docs/errors.md says what to do.`);
}

function readStorage({ reasons = [] }: HealthDetails): Finding {
  const found = reasons.filter((reason) => STORAGE_REASONS.includes(reason));
  if (found.length > 0) return failed(`${found.join(', ')}; docs/errors.md says what to do.`);
  return ok('the app reads its tables and queues');
}

function readPull({ pull, reasons = [] }: HealthDetails): Finding {
  const found = reasons.filter((reason) => reason.startsWith('pull_') || reason === 'poison_messages');
  const last = pull?.lastSuccessDateTime;
  const when = last === undefined ? '' : ` The last one that read everything: ${last}.`;
  if (found.length > 0) return failed(`${found.join(', ')}.${when} docs/operations.md says what to do.`);
  if (last === undefined) return unknown('The app does not say when it last pulled.');
  return ok(`${last}, ${pull?.lagSeconds ?? '?'} s behind`);
}

function readLookUp(reply: Reply): Finding {
  // Defender was asked, and knows no such device. What Machine.Isolate allows, only an isolation would show.
  return reply.status === 200 ? ok('Defender answers') : toFinding('GET /api/devices', reply);
}

function readPage(call: string, reply: Reply): Finding {
  return reply.status === 200 ? ok('Defender answers') : toFinding(call, reply);
}

function readHunt(reply: Reply): Finding {
  return reply.status === 200 ? ok('the query runs') : toFinding('POST /api/hunts', reply);
}

function toFinding(call: string, reply: Reply): Finding {
  const { message = '' } = (reply.body as { error?: { message?: string } } | undefined)?.error ?? {};
  const text = `${call}: ${reply.status} ${codeOf(reply)}. ${message}`.trim();
  // The operator may not; what the app may is not known by that.
  return reply.status === 401 || reply.status === 403 ? unknown(text) : failed(text);
}

function codeOf({ body }: Reply): string {
  return (body as { error?: { code?: string } } | undefined)?.error?.code ?? 'without a code';
}
