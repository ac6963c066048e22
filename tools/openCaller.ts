import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultAzureCredential } from '@azure/identity';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { UsageError } from './runCommand.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Somebody who calls the app's own API. */
export interface ApiCaller {
  readonly token: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** Where `npm start` says how its API is called. */
interface LocalCaller {
  readonly url: string;
  readonly token: string;
  /** With the role `Defender.Admin`. */
  readonly operatorToken?: string;
}

/**
 * A caller of the app that the environment names (`API_URL`, `API_AUDIENCE`), signed in as the operator, or else of the
 * local one. @throws UsageError when there is neither.
 * @param as whose token is taken on the local system: of a Logic App, or of somebody with the role `Defender.Admin`.
 */
export async function openCaller(env: Environment, as: 'caller' | 'operator' = 'caller'): Promise<ApiCaller> {
  const known = env.API_URL ? await signIn(env.API_URL, env.API_AUDIENCE) : readLocalCaller(env);
  const { url } = known;
  const token = as === 'operator' ? (known.operatorToken ?? known.token) : known.token;
  return {
    token,
    async send(method, pathAndQuery, body, headers = {}) {
      const response = await fetch(`${url}${pathAndQuery}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text && (JSON.parse(text) as unknown),
      };
    },
  };
}

async function signIn(url: string, audience: string | undefined): Promise<LocalCaller> {
  if (!audience)
    throw new UsageError('Set API_AUDIENCE to the identifier URI of the API, as in CALLER_AUDIENCE.');
  const token = await new DefaultAzureCredential().getToken(`${audience}/.default`);
  return { url: url.replace(/\/+$/, ''), token: token.token };
}

/** Where the local system answers. @throws UsageError when it was never started. */
export function readLocalUrl(env: Environment): string {
  return readLocalCaller(env).url;
}

function readLocalCaller(env: Environment): LocalCaller {
  const folder = env.LOCAL_DATA_FOLDER ?? path.join(import.meta.dirname, '..', '.local');
  const file = path.join(folder, 'caller.json');
  if (!existsSync(file))
    throw new UsageError('Start the local system with npm start, or set API_URL and API_AUDIENCE.');
  return JSON.parse(readFileSync(file, 'utf8')) as LocalCaller;
}
