import type { AccessReport } from '../src/doctor/AccessReport.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { openCaller, type ApiCaller, type Reply } from './openCaller.ts';
import { UsageError } from './runCommand.ts';
import { toLine } from './terminalText.ts';

/**
 * The app's own report, from its `GET /api/access`.
 * @throws UsageError when there is no app, no token for it, or no report.
 */
export async function askForAccess(env: Environment, tenant: string | undefined): Promise<AccessReport> {
  const caller = await signIn(env);
  const query = tenant === undefined ? '' : `?tenant=${encodeURIComponent(tenant)}`;
  const { status, body } = await ask(caller, `/api/access${query}`);
  if (status === 200 && isReport(body)) return body;
  const { detail } = (typeof body === 'object' ? body : {}) as { detail?: unknown };
  const why = typeof detail === 'string' ? `: ${toLine(detail)}` : '.';
  const next =
    status === 503 ? ' Its log has more; npm run doctor -- --here looks at the settings from here.' : '';
  throw new UsageError(`The app answered ${status}${why}${next}`);
}

async function signIn(env: Environment): Promise<ApiCaller> {
  try {
    return await openCaller(env, 'operator');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What the SDK says lists every way to sign in that it tried.
    throw new UsageError(
      'You get no token for the API: sign in (az login), and have Defender.Admin assigned to you (docs/deploy.md).',
    );
  }
}

async function ask(caller: ApiCaller, path: string): Promise<Reply> {
  try {
    return await caller.send('GET', path);
  } catch (error) {
    const reason =
      error instanceof SyntaxError ? 'what answers there is not this app' : 'it cannot be reached';
    throw new UsageError(`The app gave no report: ${reason}. Check API_URL, or start it with npm start.`);
  }
}

function isReport(body: unknown): body is AccessReport {
  const { isReady, findings } = (body ?? {}) as { isReady?: unknown; findings?: unknown };
  return typeof isReady === 'boolean' && Array.isArray(findings);
}
