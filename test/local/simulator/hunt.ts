import type { Reply, TestSimulator } from './startTestSimulator.ts';

/** What to ask for, to get a token for each API that hunts. */
export const huntingScopes = {
  graph: 'https://graph.microsoft.com/.default',
  endpoint: 'https://api.securitycenter.microsoft.com/.default',
  xdr: 'https://api.security.microsoft.com/.default',
} as const;

/** The APIs that hunt. */
export type HuntingApi = keyof typeof huntingScopes;

/** Asks the APIs that hunt, each with its own token. */
export interface Hunter {
  /** A Graph query; `body` is put over it. */
  graph(query: string, body?: Readonly<Record<string, unknown>>): Promise<Reply>;
  endpoint(query: string): Promise<Reply>;
  xdr(query: string): Promise<Reply>;
  /** Rows of a Graph query; throws unless the answer is 200. */
  rows(
    query: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Any call, with the token of an API unless another is given. */
  post(
    api: HuntingApi,
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
}

/** Signs in for all three APIs. */
export async function createHunter(simulator: TestSimulator): Promise<Hunter> {
  const [graph, endpoint, xdr] = await Promise.all([
    simulator.getToken(huntingScopes.graph),
    simulator.getToken(huntingScopes.endpoint),
    simulator.getToken(huntingScopes.xdr),
  ]);
  const tokens = { graph, endpoint, xdr };
  const { urls } = simulator;
  const hunter: Hunter = {
    graph: (query, body) => hunter.post('graph', '/v1.0/security/runHuntingQuery', { Query: query, ...body }),
    endpoint: (query) => hunter.post('endpoint', '/api/advancedqueries/run', { Query: query }),
    xdr: (query) => hunter.post('xdr', '/api/advancedhunting/run', { Query: query }),
    async rows(query, body) {
      const reply = await hunter.graph(query, body);
      if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
      return reply.json.results as readonly Readonly<Record<string, unknown>>[];
    },
    post: (api, path, body, headers = {}) =>
      simulator.fetch(`${api === 'graph' ? urls.graph : urls.defender}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens[api]}`,
          'content-type': 'application/json; charset=utf-8',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
  return hunter;
}
