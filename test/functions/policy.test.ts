import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../local/build.ts';
import { collectFunctions } from '../../local/host/collectFunctions.ts';
import { callerRoles } from '../../src/http/Caller.ts';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints, type EndpointName } from '../../src/http/endpoints.ts';
import { createOpenApi } from '../../src/http/openApi.ts';

let bundle: string;
beforeAll(async () => {
  bundle = path.join(await mkdtemp(path.join(tmpdir(), 'defender-functions-bundle-')), 'index.cjs');
  await buildApp(bundle);
});

/** What the Functions runtime is told of each function, without the generated names. */
async function registered(env: Record<string, string>) {
  const functions = await collectFunctions(bundle, { PATH: process.env.PATH, ...env });
  return functions.map(({ name, bindings, retryOptions }) => ({
    name,
    retryOptions,
    bindings: Object.values(bindings).map(({ name: bindingName, properties, ...binding }) => binding),
  }));
}

const WEBHOOK = { ALERT_WEBHOOK_URL: 'https://example.com/hook' };

interface HttpTrigger {
  readonly authLevel: string;
  readonly methods: readonly string[];
  readonly route: string;
}

/** The HTTP functions by name: methods, route and level. */
async function registeredHttp(env: Record<string, string> = {}) {
  const functions = await registered(env);
  return functions.flatMap(({ name, bindings }) => {
    const trigger: unknown = bindings.find(({ type }) => type === 'httpTrigger');
    return trigger === undefined ? [] : [{ name, ...(trigger as HttpTrigger) }];
  });
}

const http = (method: string, route: string) => [
  { type: 'httpTrigger', direction: 'in', authLevel: 'anonymous', methods: [method], route },
  { type: 'http', direction: 'out' },
];
const timer = (schedule: string) => [
  { type: 'timerTrigger', direction: 'in', schedule, runOnStartup: false },
];

describe('the functions that the bundle registers', () => {
  it('are these, with these triggers, and none is tried again by the host', async () => {
    const expected = {
      pullAlerts: timer('%ALERT_PULL_SCHEDULE%'),
      pullTenant: [
        {
          ...{ type: 'queueTrigger', direction: 'in' },
          ...{ queueName: 'tenant-pulls', connection: 'AzureWebJobsStorage' },
        },
      ],
      deliverAlerts: [
        { type: 'queueTrigger', direction: 'in', queueName: 'alerts', connection: 'AzureWebJobsStorage' },
      ],
      isolateDevice: http('POST', 'devices/{device}/isolate'),
      releaseDevice: http('POST', 'devices/{device}/release'),
      findDevices: http('GET', 'devices'),
      getOperation: http('GET', 'operations/{id}'),
      getOperationResult: http('GET', 'operations/{id}/result'),
      listOperations: http('GET', 'operations'),
      followOperations: timer('0 * * * * *'),
      watchCredentials: timer('0 0 6 * * *'),
      runHunt: http('POST', 'hunts'),
      listAlerts: http('GET', 'alerts'),
      getAlert: http('GET', 'alerts/{id}'),
      listIncidents: http('GET', 'incidents'),
      getIncident: http('GET', 'incidents/{id}'),
      getHealth: http('GET', 'health'),
      getAccess: http('GET', 'access'),
      getOpenApi: http('GET', 'openapi.json'),
      finishConsent: http('GET', 'consent'),
    };
    expect(await registered(WEBHOOK)).toEqual(
      Object.entries(expected).map(([name, bindings]) => ({ name, retryOptions: undefined, bindings })),
    );
  });

  it('do not read the queue when there is no webhook', async () => {
    const withWebhook = (await registered(WEBHOOK)).map(({ name }) => name);
    const without = (await registered({})).map(({ name }) => name);
    expect(withWebhook.filter((name) => !without.includes(name))).toEqual(['deliverAlerts']);
  });

  it('need no setting to register: what is wrong with the settings is said when a function runs', async () => {
    const wrong = {
      DEFENDER_CREDENTIAL: 'nonsense',
      ALERT_PAGE_SIZE: '-1',
      CALLER_AUTH: 'nobody',
      HUNTING_API: 'x',
    };
    expect(await registered(wrong)).toEqual(await registered({}));
  });
});

describe('the functions that callers reach', () => {
  it('each need an app role that is one of ours, but for the health and the page of consents', async () => {
    for (const { name } of await registeredHttp()) {
      const { roles } = endpoints[name as EndpointName] as Endpoint;
      if (name === 'getHealth' || name === 'finishConsent') expect(roles).toEqual([]);
      else expect(roles.length, name).toBeGreaterThan(0);
      expect(callerRoles, name).toEqual(expect.arrayContaining([...roles]));
    }
  });

  it('need the role of their kind: reading, responding, hunting', () => {
    const roles = Object.entries<Endpoint>(endpoints).map(([name, endpoint]) => [name, endpoint.roles]);
    expect(Object.fromEntries(roles)).toEqual({
      isolateDevice: ['Defender.Respond'],
      releaseDevice: ['Defender.Respond'],
      findDevices: ['Defender.Read', 'Defender.Respond'],
      listOperations: ['Defender.Read', 'Defender.Admin'],
      getOperation: ['Defender.Read', 'Defender.Respond'],
      getOperationResult: ['Defender.Read', 'Defender.Respond'],
      runHunt: ['Defender.Hunt'],
      listAlerts: ['Defender.Read'],
      getAlert: ['Defender.Read'],
      listIncidents: ['Defender.Read'],
      getIncident: ['Defender.Read'],
      getHealth: [],
      getAccess: ['Defender.Admin'],
      getOpenApi: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'],
      finishConsent: [],
    });
  });

  it('are those of the table of endpoints, and of the OpenAPI document, by name, method and route', async () => {
    const lines = (list: { name: string; method: string; route: string }[]) =>
      list.map(({ name, method, route }) => `${name} ${method} /${route}`.toLowerCase()).sort();
    const found = (await registeredHttp()).map(({ name, methods, route }) => ({
      name,
      method: methods.join(),
      route,
    }));
    const described = Object.entries<Endpoint>(endpoints).map(([name, { method, route, isPage }]) => ({
      ...{ name, method, route, isPage },
    }));
    expect(lines(found)).toEqual(lines(described));
    const { paths } = createOpenApi({
      auth: 'entra',
      publicBaseUrl: 'https://contoso.example',
      authorityHost: 'https://login.microsoftonline.com',
      tenantId: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
      audiences: ['api://defender-functions'],
      allowedApplications: undefined,
      tenantsOf: new Map(),
      personRequiredFor: [],
    }) as { paths: Record<string, Record<string, { operationId: string }>> };
    const documented = Object.entries(paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({
        name: operationId,
        method,
        route: route.slice(1),
      })),
    );
    // What people's browsers open is nothing for a connector.
    expect(lines(documented)).toEqual(lines(described.filter(({ isPage }) => !isPage)));
  });

  it.each(['functionKey', 'FUNCTIONKEY', ' functionKey '])(
    'need a key of the host when CALLER_AUTH is %j, but for what is open',
    async (value) => {
      for (const { name, authLevel } of await registeredHttp({ CALLER_AUTH: value })) {
        const isOpen = endpoints[name as EndpointName].roles.length === 0;
        expect(authLevel, name).toBe(isOpen ? 'anonymous' : 'function');
      }
    },
  );

  it.each(['', 'entra', 'none', 'functionKeys'])(
    'are open to the host when CALLER_AUTH is %j: their own code tells who calls',
    async (value) => {
      const levels = new Set(
        (await registeredHttp({ CALLER_AUTH: value })).map(({ authLevel }) => authLevel),
      );
      expect([...levels]).toEqual(['anonymous']);
    },
  );
});
