import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/defender/readAll.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { json, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';

const startDefender = useDefender();

async function start(...answers: Answer[]) {
  const { server, client } = await startDefender(answers);
  const read = (filter = "computerDnsName eq 'x'") =>
    readAll(client, {
      operation: 'Find devices',
      path: '/api/machines',
      filter,
      permission: permissionTable.readDevices,
      signal: new AbortController().signal,
    });
  return { server, read };
}

/** A service with this many records, which gives out what `$top` and `$skip` ask for. */
const serviceOf =
  (count: number): Answer =>
  (response, { path }) => {
    const { searchParams } = new URL(path, 'http://127.0.0.1');
    const skip = Number(searchParams.get('$skip') ?? 0);
    const top = Math.min(Number(searchParams.get('$top')), 10_000);
    const value = Array.from({ length: Math.max(0, Math.min(top, count - skip)) }, (_, i) => skip + i);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
  };

describe('all records that a filter selects', () => {
  it('come with one call when they are few, and the filter stands in it to the letter', async () => {
    const { server, read } = await start(serviceOf(3));
    const filter = "computerDnsName eq 'a&b+c''%20/#'";
    expect(await read(filter)).toEqual([0, 1, 2]);
    expect(server.requests).toHaveLength(1);
    const { pathname, searchParams } = new URL(server.requests[0]?.path ?? '', 'http://127.0.0.1');
    expect(pathname).toBe('/api/machines');
    expect(Object.fromEntries(searchParams)).toEqual({ $filter: filter, $top: '10000' });
  });

  it.each([
    [0, 1],
    [9_999, 1],
    [10_000, 2],
    [10_001, 2],
    [25_000, 3],
  ])('are all there when they are %i, with %i calls', async (count, calls) => {
    const { server, read } = await start(serviceOf(count));
    expect(await read()).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(server.requests).toHaveLength(calls);
  });

  it.each([{}, { value: {} }, { value: null }, { Value: [] }])('are not taken from %j', async (body) => {
    const { read } = await start(json(200, body, { 'request-id': 'r-1' }));
    await expect(read()).rejects.toMatchObject({ code: 'defender_answer_unreadable', requestId: 'r-1' });
  });

  it('are not given in part when a later call fails', async () => {
    const { read } = await start(serviceOf(10_001), json(500, {}));
    await expect(read()).rejects.toMatchObject({ code: 'defender_http_error', serviceStatus: 500 });
  });
});
