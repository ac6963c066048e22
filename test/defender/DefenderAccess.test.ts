import { afterEach, describe, expect, it } from 'vitest';
import { DefenderAccess } from '../../src/defender/DefenderAccess.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { startServer, type TestServer } from '../support/startServer.ts';

const open: TestServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

describe('Defender as one identity sees it', () => {
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
      open.push(...servers);
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
