import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../e2e/support/System.ts';
import { Playbooks, timeoutStatuses } from './support/Playbooks.ts';

const SHA1 = '3c'.repeat(20);
const SHA256 = '4d'.repeat(32);
const MD5 = '5e'.repeat(16);
const DEVICE = { DeviceId: '6f'.repeat(20), DeviceName: 'ws-1.corp.harbourlane.example' };

let playbooks: Playbooks;
beforeAll(async () => {
  playbooks = await Playbooks.start('hunt-indicator', () => ({ HUNTING_TIMEOUT: 'PT8S' }));
  // The simulator loads its query language with the first query, which may take longer than that.
  await until(async () => {
    const { status } = await playbooks.run({ indicator: SHA1, kind: 'hash' });
    return status === 'Succeeded' || undefined;
  });
});
afterEach(async () => {
  for (const route of ['/hunting/rows', '/hunting/rules', '/faults'])
    await playbooks.system.control('DELETE', route);
  await playbooks.system.control('POST', '/hunting/limits', {});
});
afterAll(async () => {
  await playbooks.stop();
});

async function addRow(table: string, row: object): Promise<void> {
  await playbooks.system.control('POST', '/hunting/rows', { table, rows: [{ ...DEVICE, ...row }] });
}

describe('hunt-indicator', () => {
  it.each<[string, string, string, string, object, string]>([
    [
      'SHA-1 of a process',
      'hash',
      SHA1.toUpperCase(),
      'DeviceProcessEvents',
      { SHA1, FileName: 'a.exe' },
      'process',
    ],
    ['SHA-256 of a file', 'hash', SHA256, 'DeviceFileEvents', { SHA256, FileName: 'a.exe' }, 'file'],
    ['MD5 of a library', 'hash', MD5, 'DeviceImageLoadEvents', { MD5, FileName: 'a.exe' }, 'library'],
    [
      'SHA-1 of a parent process',
      'hash',
      SHA1,
      'DeviceProcessEvents',
      { InitiatingProcessSHA1: SHA1, InitiatingProcessFileName: 'a.exe' },
      'parent process',
    ],
    [
      'IPv4 address of a connection',
      'address',
      '203.0.113.9',
      'DeviceNetworkEvents',
      { RemoteIP: '203.0.113.9', InitiatingProcessFileName: 'a.exe' },
      'connection',
    ],
    [
      'IPv6 address of a logon',
      'address',
      '2001:DB8::9',
      'DeviceLogonEvents',
      { RemoteIP: '2001:db8::9', InitiatingProcessFileName: 'a.exe' },
      'logon',
    ],
    [
      'domain of a URL',
      'domain',
      'Evil.Example',
      'DeviceNetworkEvents',
      { RemoteUrl: 'https://www.evil.example:8443/x?y=1', InitiatingProcessFileName: 'a.exe' },
      'connection',
    ],
    [
      'domain of a download',
      'domain',
      'evil.example',
      'DeviceFileEvents',
      { FileOriginUrl: 'evil.example/a.exe', FileName: 'a.exe' },
      'download',
    ],
  ])('finds a %s', async (_name, kind, indicator, table, row, source) => {
    await addRow(table, row);
    const { status, response } = await playbooks.run({ indicator, kind });
    expect(status).toBe('Succeeded');
    expect(response).toMatchObject({
      statusCode: 200,
      body: {
        indicator,
        kind,
        rows: [{ ...DEVICE, Source: source, Events: 1, Files: ['a.exe'] }],
        rowCount: 1,
        truncated: false,
      },
    });
    const { columns } = response?.body as { columns: { name: string }[] };
    expect(columns.map(({ name }) => name)).toEqual([
      ...['DeviceId', 'DeviceName', 'Source', 'Events', 'FirstSeen', 'LastSeen', 'Files'],
    ]);
  });

  it('gives one row for each device and source, and an empty table for what was never seen', async () => {
    for (const name of ['ws-1', 'ws-1', 'ws-2'])
      await addRow('DeviceNetworkEvents', { DeviceName: name, RemoteIP: '203.0.113.9' });
    const found = await playbooks.run({ indicator: '203.0.113.9', kind: 'address' });
    const { rows } = found.response?.body as { rows: { DeviceName: string; Events: number }[] };
    expect(rows.map(({ DeviceName, Events }) => `${DeviceName} ${Events}`).sort()).toEqual([
      'ws-1 2',
      'ws-2 1',
    ]);
    // `notevil.example` ends like it and `evil.example.com` begins like it; neither is it.
    for (const RemoteUrl of [
      'notevil.example',
      'https://evil.example.com/',
      'https://x.example/?evil.example',
    ])
      await addRow('DeviceNetworkEvents', { RemoteUrl });
    const none = await playbooks.run({ indicator: 'evil.example', kind: 'domain' });
    expect(none.response).toMatchObject({ statusCode: 200, body: { rows: [], rowCount: 0 } });
  });

  it.each<[string, unknown]>([
    ['a hash of a wrong length', { kind: 'hash', indicator: 'ab'.repeat(21) }],
    ['a query in place of a hash', { kind: 'hash', indicator: '" or true //' }],
    ['an address out of range', { kind: 'address', indicator: '203.0.113.256' }],
    ['a URL in place of a domain', { kind: 'domain', indicator: 'https://evil.example/' }],
    ['a single label', { kind: 'domain', indicator: 'localhost' }],
    ['an unknown kind', { kind: 'file', indicator: SHA1 }],
    ['no indicator', { kind: 'hash' }],
    ['an indicator that is no text', { kind: 'hash', indicator: [SHA1] }],
    ['a text', 'hash'],
    ['nothing', undefined],
  ])('refuses %s, and hunts for nothing', async (_name, body) => {
    const { status, error, response, sent } = await playbooks.run(body);
    expect([status, error?.code, sent]).toEqual(['Failed', 'indicator_invalid', []]);
    expect(response).toMatchObject({ statusCode: 400, body: { error: { code: 'indicator_invalid' } } });
  });

  it.each<[string, object, object, number, string]>([
    ['the service stops the query', { outcome: 'preempt' }, {}, 422, 'hunt_preempted'],
    ['the tenant hunts too often', {}, { callsPerMinute: 0 }, 429, 'hunt_throttled'],
    ['the quota is used up', { outcome: 'exhaustCpu' }, {}, 429, 'hunt_quota_exhausted'],
    ['the query takes too long', { outcome: 'timeOut', times: 2 }, {}, 504, 'hunt_timed_out'],
  ])('answers with the reason when %s', async (_name, rule, limits, statusCode, code) => {
    if (Object.keys(rule).length > 0) await playbooks.system.control('POST', '/hunting/rules', rule);
    await playbooks.system.control('POST', '/hunting/limits', limits);
    const { status, error, response } = await playbooks.run({ indicator: SHA1, kind: 'hash' });
    expect([status, error?.code]).toEqual(['Failed', code]);
    expect(response).toMatchObject({ statusCode, body: { error: { code }, answer: { error: { code } } } });
  });

  it.each(timeoutStatuses)('answers 504 when an action at its limit is %s', async (timeoutStatus) => {
    const apiUrl = playbooks.startEndless();
    const result = await playbooks.run({ indicator: SHA1, kind: 'hash' }, { apiUrl, timeoutStatus });
    expect(result.actions.get('Hunt')?.status).toBe(timeoutStatus);
    expect([result.status, result.error?.code]).toEqual(['Failed', 'hunt_timed_out']);
    expect(result.response).toMatchObject({
      statusCode: 504,
      body: { error: { code: 'hunt_timed_out' }, answer: null },
    });
  });

  it.each<[string, object, string]>([
    ['the functions cannot be reached', { apiUrl: 'http://127.0.0.1:9' }, 'ConnectionFailed'],
    ['its identity lacks the role', { as: 'reports' }, 'caller_role_missing'],
  ])('answers 502 when %s', async (_name, options, code) => {
    const { response } = await playbooks.run({ indicator: SHA1, kind: 'hash' }, options);
    expect(response).toMatchObject({ statusCode: 502, body: { error: { code } } });
  });

  it('has sent nothing that the API does not describe', async () => {
    await playbooks.expectDescribedRequests(['Hunt']);
  });
});
