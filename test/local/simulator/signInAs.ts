import { defenderScope, type Reply, type TestSimulator } from './startTestSimulator.ts';

/** What to ask for, to get a token for each API. */
export const scopes = {
  endpoint: defenderScope,
  xdr: 'https://api.security.microsoft.com/.default',
  graph: 'https://graph.microsoft.com/.default',
} as const;

/** One of the APIs. */
export type Api = keyof typeof scopes;

/** Somebody who calls the APIs, each with the token that it needs. */
export interface Caller {
  get(api: Api, path: string, query?: Readonly<Record<string, string>>): Promise<Reply>;
  post(api: Api, path: string, body: unknown): Promise<Reply>;
}

/** A person of the home tenant, on whose behalf the functions' own API calls. */
export function signInAs(simulator: TestSimulator, user: string): Caller {
  return createCaller(simulator, (scope) => getPersonToken(simulator, user, scope));
}

/** The application of the functions, in a tenant. */
export function signInApplication(simulator: TestSimulator, tenant = simulator.company.tenantId): Caller {
  return createCaller(
    simulator,
    async (scope) => (await simulator.signIn(await simulator.readSecret(), tenant).getToken(scope)).token,
  );
}

function createCaller(simulator: TestSimulator, getToken: (scope: string) => Promise<string>): Caller {
  const { urls } = simulator;
  const tokens = new Map<Api, Promise<string>>();
  const call = async (api: Api, target: string, init: RequestInit): Promise<Reply> => {
    const token = tokens.get(api) ?? getToken(scopes[api]);
    tokens.set(api, token);
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${await token}`);
    return simulator.fetch(`${api === 'graph' ? urls.graph : urls.defender}${target}`, { ...init, headers });
  };
  return {
    get: (api, path, query) =>
      call(api, query === undefined ? path : `${path}?${new URLSearchParams(query).toString()}`, {}),
    post: (api, path, body) =>
      call(api, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

async function getPersonToken(simulator: TestSimulator, user: string, scope: string): Promise<string> {
  const { urls, company } = simulator;
  const principal = company.apiClientId;
  const { secretText } = await simulator.control('POST', '/entra/secrets', { principal });
  const { token } = await simulator.control('POST', '/entra/caller-tokens', { user });
  const { json, text } = await simulator.fetch(`${urls.entra}/${company.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      requested_token_use: 'on_behalf_of',
      client_id: principal,
      client_secret: String(secretText),
      assertion: String(token),
      scope,
    }),
  });
  if (typeof json.access_token !== 'string') throw new Error(text);
  return json.access_token;
}

/** The records of a list; throws unless the answer is 200. */
export function recordsOf({ status, text, json }: Reply): readonly Readonly<Record<string, unknown>>[] {
  if (status !== 200) throw new Error(`${status} ${text}`);
  return json.value as readonly Readonly<Record<string, unknown>>[];
}
