import { describe, expect, it } from 'vitest';
import { DefenderAccess } from '../../src/defender/DefenderAccess.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { useServers } from '../support/useServers.ts';

const startServer = useServers();

/** A token that an application was given for itself. */
const APP_TOKEN = `e30.${Buffer.from('{"roles":["Alert.Read.All"]}').toString('base64url')}.x`;

describe('Defender as one identity sees it', () => {
  it('is asked for a person by no token of an application', async () => {
    const server = await startServer((response) => void response.writeHead(200).end('{}'));
    const at = { url: server.url, audience: 'audience' };
    const access = new DefenderAccess({
      ...{ tenantId: 'contoso', isHome: true, kind: 'person', requestTimeoutMs: 5_000 },
      tokens: { getToken: () => Promise.resolve(APP_TOKEN) },
      endpoints: { endpoint: at, xdr: at, graph: at },
    });
    const request = { operation: 'Read', path: '/x', permission: permissionTable.pullAlerts };
    const { signal } = new AbortController();
    const asking = access.client('endpoint').send({ ...request, signal });
    await expect(asking).rejects.toMatchObject({ code: 'person_not_permitted' });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['endpoint', permissionTable.pullAlerts, undefined],
    ['xdr', permissionTable.readIncidentsFromXdr, undefined],
    // Newer words of Graph come only to whom asks for them.
    ['graph', permissionTable.readAlertsFromGraph, 'include-unknown-enum-members'],
  ] as const)(
    'asks %s at its own host with a token for its own audience',
    async (api, permission, prefer) => {
      const servers = await Promise.all(
        ['endpoint', 'xdr', 'graph'].map(() =>
          startServer((response) => void response.writeHead(200).end('{}')),
        ),
      );
      const at = (index: number) => ({ url: servers[index]?.url ?? '', audience: `audience-${index}` });
      const access = new DefenderAccess({
        tenantId: 'contoso',
        isHome: true,
        kind: 'application',
        tokens: { getToken: (audience) => Promise.resolve(`token-for-${audience}`) },
        endpoints: { endpoint: at(0), xdr: at(1), graph: at(2) },
        requestTimeoutMs: 5_000,
      });
      const signal = new AbortController().signal;
      await access.client(api).send({ operation: 'Read', path: '/x', permission, signal });
      const index = ['endpoint', 'xdr', 'graph'].indexOf(api);
      expect(servers.map(({ requests }) => requests.length)).toEqual(
        [0, 1, 2].map((i) => Number(i === index)),
      );
      const headers = servers[index]?.requests[0]?.headers;
      expect([headers?.authorization, headers?.prefer]).toEqual([
        `Bearer token-for-audience-${index}`,
        prefer,
      ]);
    },
  );
});
