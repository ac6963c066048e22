import { TableClient } from '@azure/data-tables';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { Api, codeOf } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { type Functions, System } from './support/System.ts';

let system: System;
let functions: Functions;
let api: Api;
let devices: Devices;
beforeAll(async () => {
  system = await System.start();
  functions = await system.startFunctions();
  api = new Api(system, functions.host.url);
  devices = new Devices(system);
});
afterAll(async () => {
  await system.stop();
});

async function storedOperations(): Promise<number> {
  const table = TableClient.fromConnectionString(system.connectionString, 'operations', {
    allowInsecureConnection: true,
  });
  await table.createTable();
  let count = 0;
  for await (const row of table.listEntities()) count += row.partitionKey ? 1 : 0;
  return count;
}

const json = { 'content-type': 'application/json', 'idempotency-key': 'input' };
type Faulty = readonly [string, string, unknown, Record<string, string>, number, string, readonly string[]];
const faulty: readonly Faulty[] = [
  ['text that is not JSON', 'x.example', '{"comment": ', json, 400, 'input_invalid', ['body']],
  ['an array', 'x.example', [], json, 400, 'input_invalid', ['body']],
  ['null', 'x.example', 'null', json, 400, 'input_invalid', ['body']],
  ['nothing', 'x.example', '', json, 400, 'input_invalid', ['body']],
  [
    'missing and unknown members, all named at once',
    'x.example?dry-run=true&dryRun=maybe',
    { Comment: 'x', isolationType: 'full', force: true, incidentId: { a: 1 } },
    { 'content-type': 'application/json' },
    400,
    'input_invalid',
    [
      ...['body.comment', 'body.Comment', 'body.force', 'body.isolationType', 'body.incidentId'],
      ...['query.dry-run', 'query.dryRun', 'header.Idempotency-Key'],
    ],
  ],
  ['a comment of blanks', 'x.example', { comment: '  \n ' }, json, 400, 'input_invalid', ['body.comment']],
  [
    'too long a comment',
    'x.example',
    { comment: 'x'.repeat(1_001) },
    json,
    400,
    'input_invalid',
    ['body.comment'],
  ],
  ['a comment that is a number', 'x.example', { comment: 7 }, json, 400, 'input_invalid', ['body.comment']],
  [
    'a form',
    'x.example',
    'comment=x',
    { 'content-type': 'application/x-www-form-urlencoded' },
    415,
    'content_type_unsupported',
    [],
  ],
  [
    'no content type',
    'x.example',
    '{"comment":"x"}',
    { 'content-type': '' },
    415,
    'content_type_unsupported',
    [],
  ],
  ['too large a body', 'x.example', { comment: 'x'.repeat(600_000) }, json, 413, 'body_too_large', []],
  ['a wildcard for a name', '*.example', { comment: 'x' }, json, 400, 'input_invalid', ['path.device']],
  [
    'a quote in a name',
    "x'%20or%20'1'%20eq%20'1",
    { comment: 'x' },
    json,
    400,
    'input_invalid',
    ['path.device'],
  ],
  ['a path in a name', '..%2F..%2Falerts', { comment: 'x' }, json, 400, 'input_invalid', ['path.device']],
  ['too long a name', 'x'.repeat(300), { comment: 'x' }, json, 400, 'input_invalid', ['path.device']],
  [
    'a label that is too long',
    `${'x'.repeat(64)}.example`,
    { comment: 'x' },
    json,
    404,
    'device_not_found',
    [],
  ],
  [
    'the same parameter twice',
    'x.example?dryRun=true&dryRun=false',
    { comment: 'x' },
    json,
    400,
    'input_invalid',
    ['query.dryRun'],
  ],
  [
    'an empty key',
    'x.example',
    { comment: 'x' },
    { ...json, 'idempotency-key': '""' },
    400,
    'input_invalid',
    ['header.Idempotency-Key'],
  ],
];

describe('bad input', () => {
  it.each(faulty)('%s is refused with every fault, stores nothing and sends nothing', async (...row) => {
    const [, device, body, headers, status, code, targets] = row;
    const [path = '', query] = device.split('?');
    const url = `/api/devices/${path}/isolate${query === undefined ? '' : `?${query}`}`;
    const before = await storedOperations();
    await system.control('DELETE', '/requests');
    const reply = await api.call('POST', url, { as: 'playbooks', body, headers });
    expect([reply.status, codeOf(reply)]).toEqual([status, code]);
    expect(reply.body).toMatchObject({
      status,
      detail: expect.any(String) as unknown,
      title: expect.any(String) as unknown,
    });
    const { details = [] } = reply.body.error as { details?: { target: string }[] };
    expect(new Set(details.map(({ target }) => target))).toEqual(new Set(targets));
    expect(reply.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await storedOperations()).toBe(before);
    expect(await devices.posts()).toEqual([]);
  });

  it.each(['0123', 'x'.repeat(32), '..%2f'.repeat(3), '0123456789ABCDEF0123456789ABCDEF'])(
    'an operation id like %s is refused',
    async (id) => {
      expect((await api.get(`/api/operations/${id}`)).status).toBe(400);
    },
  );

  it('an operation that does not exist is 404', async () => {
    for (const path of ['', '/result']) {
      const reply = await api.get(`/api/operations/${'0'.repeat(32)}${path}`);
      expect([reply.status, codeOf(reply)]).toEqual([404, 'operation_not_found']);
    }
  });

  it.each([
    '',
    '?name=a.example&aadDeviceId=00000000-0000-0000-0000-000000000001',
    '?name=a%25',
    '?Name=a.example',
  ])('a search for devices like "%s" is refused', async (query) => {
    expect((await api.get(`/api/devices${query}`)).status).toBe(400);
  });

  it.each(['?since=yesterday', '?top=0', '?top=101', '?top=x', '?since=2026-13-45', '?device=*'])(
    'a list of operations like "%s" is refused',
    async (query) => {
      expect((await api.get(`/api/operations${query}`, 'reports')).status).toBe(400);
    },
  );
});

describe('naming a device', () => {
  const shared = 'shared.corp.harbourlane.example';

  it('takes the one active record and tells the stale one apart', async () => {
    const name = 'reborn.corp.harbourlane.example';
    const current = await devices.add({ computerDnsName: name });
    await devices.add({ computerDnsName: name, healthStatus: 'Inactive' });
    await devices.add({ computerDnsName: name, mergedIntoMachineId: current.id });
    const found = (await api.get(`/api/devices?name=${name}`)).body.devices as {
      id: string;
      isActive: boolean;
    }[];
    expect(found).toHaveLength(3);
    expect(found.filter(({ isActive }) => isActive).map(({ id }) => id)).toEqual([current.id]);
    const reply = await api.act('isolate', name);
    expect(reply.body).toMatchObject({ device: { id: current.id } });
  });

  it('refuses a name of several active records, with the candidates', async () => {
    const [one, two] = [
      await devices.add({ computerDnsName: shared }),
      await devices.add({ computerDnsName: shared }),
    ];
    await system.control('DELETE', '/requests');
    const reply = await api.act('isolate', shared);
    expect([reply.status, codeOf(reply)]).toEqual([409, 'device_ambiguous']);
    const candidates = reply.body.candidates as { id: string }[];
    expect(new Set(candidates.map(({ id }) => id))).toEqual(new Set([one.id, two.id]));
    expect(await devices.posts()).toEqual([]);
    expect((await api.act('isolate', one.id)).body).toMatchObject({ device: { id: one.id } });
  });

  it('never takes a part of a name for the name', async () => {
    await devices.add({ computerDnsName: 'part10.corp.harbourlane.example' });
    for (const name of ['part1', 'part10', 'part1.corp.harbourlane.example', 'corp.harbourlane.example']) {
      const reply = await api.act('isolate', name);
      expect([reply.status, codeOf(reply)]).toEqual([404, 'device_not_found']);
    }
  });

  it('takes an Entra device id, and names the record that another was merged into', async () => {
    const aadDeviceId = '4d7b2f0a-9c1e-4a58-8b36-0f5e9d2c7a14';
    const device = await devices.add({ aadDeviceId });
    expect((await api.act('isolate', aadDeviceId.toUpperCase())).body).toMatchObject({
      device: { id: device.id },
    });
    expect((await api.get(`/api/devices?aadDeviceId=${aadDeviceId}`)).body.devices).toMatchObject([
      { id: device.id },
    ]);
    const merged = await devices.add({ mergedIntoMachineId: device.id });
    const reply = await api.act('isolate', merged.id);
    expect([reply.status, codeOf(reply), reply.body.mergedIntoDeviceId]).toEqual([
      409,
      'device_merged',
      device.id,
    ]);
  });

  it('lets an isolation type only be used for what it is for', async () => {
    const managed = await devices.add();
    const unmanaged = await devices.add({ onboardingStatus: 'CanBeOnboarded' });
    const isolate = async (id: string, isolationType: string) =>
      await api.act('isolate', id, { body: { comment: 'x', isolationType } });
    for (const [id, type] of [
      [managed.id, 'UnManagedDevice'],
      [unmanaged.id, 'Full'],
    ] as const) {
      const reply = await isolate(id, type);
      expect([reply.status, codeOf(reply)]).toEqual([422, 'device_unsuitable']);
    }
    expect((await isolate(unmanaged.name, 'UnManagedDevice')).body).toMatchObject({
      device: { id: unmanaged.id },
    });
    expect((await isolate(managed.name, 'Selective')).body).toMatchObject({
      machineAction: { scope: 'Selective' },
    });
  });
});

describe('the list of operations', () => {
  it('is paged newest first, and narrowed by device, caller and time', async () => {
    const made: string[] = [];
    const device = await devices.add();
    for (const action of ['isolate', 'release', 'isolate'] as const) {
      made.unshift(String((await api.act(action, device.id)).body.id));
    }
    const seen: string[] = [];
    let next: string | undefined = `/api/operations?device=${device.id}&top=2`;
    while (next !== undefined) {
      const { body } = await api.get(next, 'reports');
      seen.push(...(body.operations as { id: string }[]).map(({ id }) => id));
      const link = body.nextLink as string | undefined;
      if (link !== undefined) expect(link.startsWith(`${functions.host.url}/api/operations?`)).toBe(true);
      next = link?.slice(functions.host.url.length);
    }
    expect(seen).toEqual(made);
    const { playbooks, reports } = system.simulator.company.callerClientIds;
    const count = async (query: string) =>
      (
        (await api.get(`/api/operations?device=${device.name.toUpperCase()}&${query}`, 'reports')).body
          .operations as unknown[]
      ).length;
    expect(await count(`caller=${playbooks}`)).toBe(3);
    expect(await count(`caller=${reports}`)).toBe(0);
    expect(await count('since=PT1H')).toBe(3);
    expect(await count(`since=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0);
  });
});

describe('the OpenAPI document', () => {
  it('is valid, of version 2.0, and describes exactly the functions that the host runs', async () => {
    const { body } = await api.get('/api/openapi.json', 'hunters');
    expect(body.swagger).toBe('2.0');
    await SwaggerParser.validate(structuredClone(body) as never);
    const described = Object.entries(
      body.paths as Record<string, Record<string, { operationId: string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${operationId} ${method.toUpperCase()} /api${path}`,
      ),
    );
    const running = functions.host.functions
      .filter(({ trigger }) => trigger === 'httpTrigger')
      .map(({ name, detail }) => `${name.charAt(0).toUpperCase()}${name.slice(1)} ${detail}`);
    // The page for a browser is nothing that a connector calls.
    expect([...described, 'FinishConsent GET /api/consent'].sort()).toEqual(running.sort());
    expect(running).toHaveLength(Object.keys(endpoints satisfies Record<string, Endpoint>).length);
    expect(new URL(functions.host.url).host).toBe(body.host);
  });
});
