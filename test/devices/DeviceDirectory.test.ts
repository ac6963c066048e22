import { describe, expect, it } from 'vitest';
import { DeviceDirectory } from '../../src/devices/DeviceDirectory.ts';
import { parseDeviceIdentifier } from '../../src/devices/DeviceIdentifier.ts';
import { deviceId } from '../support/createTestActions.ts';
import { json, type Answer } from '../support/startServer.ts';
import { useDefender } from '../support/useDefender.ts';

const never = new AbortController().signal;
const GUID = 'ab12cd34-0000-4000-8000-00000000000f';

const startDefender = useDefender();

/** A directory whose service gives these answers, one after the other. */
async function startDirectory(...answers: Answer[]) {
  const { server, client } = await startDefender(answers);
  const directory = new DeviceDirectory(client);
  return {
    find: async (text: string) => {
      const identifier = parseDeviceIdentifier(text);
      if (!identifier) throw new Error('that is no identifier');
      return (await directory.find(identifier, never)).map(({ id }) => id);
    },
    queries: () => server.requests.map(({ path }) => new URL(path, server.url).searchParams),
    filters: () => server.requests.map(({ path }) => new URL(path, server.url).searchParams.get('$filter')),
    requests: server.requests,
  };
}

const machines = (...records: object[]) => json(200, { value: records });
const named = (number: number, computerDnsName: string) => ({ id: deviceId(number), computerDnsName });
const notFound = json(404, { error: { code: 'ResourceNotFound', message: 'No machine was found.' } });
const badRequest = json(400, { error: { code: 'BadRequest', message: 'Invalid filter.' } });

describe('finding devices', () => {
  it('asks the list with an exact filter, in lower case first', async () => {
    const { find, filters, requests } = await startDirectory(machines());
    expect(await find('WS1.Contoso.example')).toEqual([]);
    expect(filters()).toEqual([
      "computerDnsName eq 'ws1.contoso.example'",
      "computerDnsName eq 'WS1.Contoso.example'",
    ]);
    expect(requests.every(({ method, path }) => method === 'GET' && path.startsWith('/api/machines?'))).toBe(
      true,
    );
  });

  it('asks once for a name in lower case, and for an id', async () => {
    const byName = await startDirectory(machines());
    await byName.find('ws1.contoso.example');
    expect(byName.filters()).toEqual(["computerDnsName eq 'ws1.contoso.example'"]);
    const byId = await startDirectory(machines({ id: deviceId(1) }));
    expect(await byId.find(deviceId(1).toUpperCase())).toEqual([deviceId(1)]);
    expect(byId.filters()).toEqual([`id eq '${deviceId(1)}'`]);
  });

  it('gives every record of the very name, stale ones and other cases included', async () => {
    const stale = { ...named(2, 'ws1.contoso.example'), healthStatus: 'Inactive' };
    const { find } = await startDirectory(machines(named(1, 'WS1.CONTOSO.EXAMPLE'), stale));
    expect(await find('ws1.contoso.example')).toEqual([deviceId(1), deviceId(2)]);
  });

  it('takes none of the records that only resemble the name, whatever the service answers', async () => {
    const others = [
      named(2, 'ws10.contoso.example'),
      named(3, 'ws1.contoso.example.org'),
      named(4, 'ws1'),
      named(5, 'aws1.contoso.example'),
      { id: deviceId(6) },
      { id: 'not an id', computerDnsName: 'ws1.contoso.example' },
      null,
      'ws1.contoso.example',
    ];
    const superset = json(200, { value: [...others, named(1, 'ws1.contoso.example')] });
    expect(await (await startDirectory(superset)).find('ws1.contoso.example')).toEqual([deviceId(1)]);
    expect(await (await startDirectory(json(200, { value: others }))).find('ws1.contoso.example')).toEqual(
      [],
    );
  });

  it('takes only the very id, and only the very Entra device id', async () => {
    const byId = await startDirectory(machines({ id: deviceId(2) }, { id: deviceId(1) }));
    expect(await byId.find(deviceId(1))).toEqual([deviceId(1)]);
    const others = [{ id: deviceId(2), aadDeviceId: GUID.replace('f', '0') }, { id: deviceId(3) }];
    const byGuid = await startDirectory(
      machines(...others, { id: deviceId(1), aadDeviceId: GUID.toUpperCase() }),
    );
    expect(await byGuid.find(GUID)).toEqual([deviceId(1)]);
  });

  it.each([
    ['refuses it', badRequest],
    ['finds nothing by it', notFound],
    ['gives an empty list for it', machines()],
  ])('asks with a quoted GUID when the service %s unquoted', async (_what, first) => {
    const { find, filters } = await startDirectory(first, machines({ id: deviceId(1), aadDeviceId: GUID }));
    expect(await find(GUID)).toEqual([deviceId(1)]);
    expect(filters()).toEqual([`aadDeviceId eq ${GUID}`, `aadDeviceId eq '${GUID}'`]);
  });

  it('finds nothing when the service answers 404', async () => {
    const { find } = await startDirectory(notFound);
    expect(await find('ws1.contoso.example')).toEqual([]);
    expect(await find(deviceId(1))).toEqual([]);
    expect(await find(GUID)).toEqual([]);
  });

  it.each([
    ['a refused filter', badRequest, 'defender_http_error'],
    ['a missing permission', json(403, {}), 'defender_permission_missing'],
    ['throttling', json(429, {}), 'defender_http_error'],
    ['a fault of the service', json(500, {}), 'defender_http_error'],
    ['an answer without a list', json(200, { value: 'none' }), 'defender_answer_unreadable'],
    ['an answer that is no JSON', json(200, '<html>'), 'defender_answer_unreadable'],
  ])('never takes %s for "no such device"', async (_what, answer, code) => {
    const { find } = await startDirectory(answer);
    await expect(find('ws1.contoso.example')).rejects.toMatchObject({ code });
    await expect(find(deviceId(1))).rejects.toMatchObject({ code });
  });

  it('also fails when the quoted GUID is refused as well', async () => {
    const { find } = await startDirectory(badRequest);
    await expect(find(GUID)).rejects.toMatchObject({ serviceStatus: 400 });
  });

  it('names the role that is needed, least privileged first', async () => {
    const { find } = await startDirectory(json(403, {}));
    await expect(find(deviceId(1))).rejects.toMatchObject({
      message: expect.stringContaining('Machine.Read.All or Machine.ReadWrite.All') as string,
    });
  });

  it('reads all pages', async () => {
    const full = Array.from({ length: 10_000 }, () => named(9, 'other.contoso.example'));
    const { find, queries } = await startDirectory(
      json(200, { value: full }),
      machines(named(1, 'ws1.contoso.example')),
    );
    expect(await find('ws1.contoso.example')).toEqual([deviceId(1)]);
    expect(queries().map((query) => [query.get('$top'), query.get('$skip')])).toEqual([
      ['10000', null],
      ['10000', '10000'],
    ]);
  });
});
