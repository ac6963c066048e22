import { describe, expect, it } from 'vitest';
import { parseResponseSettings, usesFunctionKeys } from '../../src/settings/parseResponseSettings.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';

const TENANT = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
const OTHER = '11111111-2222-3333-4444-555555555555';
const API = 'api://defender-functions';
/** The least that must be set. */
const LEAST: Environment = {
  DEFENDER_TENANT_ID: TENANT,
  AzureWebJobsStorage__accountName: 'contosostore',
  WEBSITE_HOSTNAME: 'contoso.azurewebsites.net',
  CALLER_AUDIENCE: API,
};

const parse = (changes: Environment = {}) => parseResponseSettings({ ...LEAST, ...changes });

function faultsOf(changes: Environment): readonly string[] {
  try {
    parse(changes);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

describe('the settings of what callers ask for', () => {
  it('need a tenant, a storage account, an audience and a host, and take the documented default for the rest', () => {
    expect(parse()).toMatchObject({
      storage: { tableUrl: 'https://contosostore.table.core.windows.net' },
      identity: { tenantId: TENANT },
      defender: { url: 'https://api.security.microsoft.com', requestTimeoutMs: 60_000 },
    });
    const { callers, guards, hunting, pollIntervalMs, maxPullAgeMs } = parse();
    expect({ callers, guards, hunting, pollIntervalMs, maxPullAgeMs }).toEqual({
      callers: {
        auth: 'entra',
        publicBaseUrl: 'https://contoso.azurewebsites.net',
        authorityHost: 'https://login.microsoftonline.com',
        tenantId: TENANT,
        audiences: [API],
        allowedApplications: undefined,
      },
      guards: {
        capPerHour: 60,
        capPerCaller: 40,
        protectedIds: [],
        protectedNames: [],
        protectedTags: [],
        protectedGroups: [],
        protectedValues: ['high'],
        protectedPlatforms: ['windowsserver*'],
      },
      hunting: {
        api: 'graph',
        url: 'https://graph.microsoft.com',
        audience: 'https://graph.microsoft.com',
        timeoutMs: 100_000,
      },
      pollIntervalMs: 10_000,
      maxPullAgeMs: 30 * 60_000,
    });
  });

  it('need nothing of the pull, so that what is wrong with it stops no caller', () => {
    expect(
      faultsOf({ ALERT_PAGE_SIZE: '-1', ALERT_WEBHOOK_URL: 'nonsense', ALERT_PULL_SCHEDULE: 'x' }),
    ).toEqual([]);
  });

  it('name all faults at once, each once, by its variable with what to do', () => {
    const changes = {
      DEFENDER_TENANT_ID: undefined,
      AzureWebJobsStorage__accountName: undefined,
      WEBSITE_HOSTNAME: undefined,
      CALLER_AUDIENCE: undefined,
      CALLER_ALLOWED_APPS: 'my-app',
      OPERATION_POLL_INTERVAL: '10',
      ACTION_CAP_PER_HOUR: '0',
      ACTION_CAP_PER_CALLER: 'many',
      PROTECTED_DEVICE_IDS: 'desk-1',
      PROTECTED_DEVICE_NAMES: 'dc-*',
      PROTECTED_DEVICE_TAGS: ',',
      PROTECTED_DEVICE_GROUPS: ',',
      PROTECTED_DEVICE_VALUES: 'Critical',
      PROTECTED_OS_PLATFORMS: '*',
      HUNTING_API: 'kusto',
      GRAPH_API_URL: 'graph.microsoft.com',
      XDR_API_AUDIENCE: 'x',
      HUNTING_TIMEOUT: 'PT2M',
      HEALTH_MAX_PULL_AGE: 'PT1S',
    };
    const faults = faultsOf(changes);
    const named = faults.map((fault) => /^[A-Z_]+/.exec(fault)?.[0] ?? fault);
    const expected = Object.keys(changes).filter(
      (name) => !['AzureWebJobsStorage__accountName', 'WEBSITE_HOSTNAME'].includes(name),
    );
    expect(named.sort()).toEqual(
      [
        ...expected,
        'PUBLIC_BASE_URL',
        'set AzureWebJobsStorage (a connection string) or AzureWebJobsStorage__accountName',
      ].sort(),
    );
    expect(faults).toContain('CALLER_AUDIENCE is missing');
    expect(faults).toContain('PUBLIC_BASE_URL is missing');
    expect(faults).toContain('PROTECTED_DEVICE_VALUES must be one of Low, Normal, High');
  });

  it.each([
    ['CALLER_AUDIENCE', 'not a URI', 'CALLER_AUDIENCE must be GUID or URI'],
    ['CALLER_AUDIENCE', 'none', 'CALLER_AUDIENCE is missing'],
    [
      'PUBLIC_BASE_URL',
      'contoso.example',
      'PUBLIC_BASE_URL must be an https URL (http only for a loopback address)',
    ],
    ['CALLER_AUTH', 'nobody', 'CALLER_AUTH must be one of entra, functionKey'],
    ['CALLER_TENANT_ID', 'common', 'CALLER_TENANT_ID must be GUID'],
  ])('say one thing about %s=%s', (name, value, fault) => {
    expect(faultsOf({ [name]: value })).toEqual([fault]);
    expect(
      faultsOf({ [name]: value, WEBSITE_HOSTNAME: name === 'PUBLIC_BASE_URL' ? undefined : 'x' }),
    ).toEqual([fault]);
  });
});

describe('the address of the app', () => {
  it('is the one that is set, before the one that Azure gives', () => {
    expect(parse({ PUBLIC_BASE_URL: 'https://api.contoso.example/defender/' }).callers.publicBaseUrl).toBe(
      'https://api.contoso.example/defender',
    );
  });

  it.each([
    ['contoso.azurewebsites.net', 'https://contoso.azurewebsites.net'],
    [' contoso.azurewebsites.net ', 'https://contoso.azurewebsites.net'],
    ['localhost:7071', 'http://localhost:7071'],
    ['127.0.0.1:7071', 'http://127.0.0.1:7071'],
    ['contoso.example:8443', 'https://contoso.example:8443'],
    ['[::1]:7071', 'http://[::1]:7071'],
  ])('follows from the host name %j', (host, expected) => {
    expect(parse({ WEBSITE_HOSTNAME: host }).callers.publicBaseUrl).toBe(expected);
  });

  it.each([
    undefined,
    '',
    '  ',
    'a b',
    'https://contoso.example',
    'contoso.example/path',
    'x@evil.example',
    'x:port',
    ':',
  ])('is missing when the host name is %j', (host) => {
    expect(faultsOf({ WEBSITE_HOSTNAME: host })).toEqual(['PUBLIC_BASE_URL is missing']);
  });
});

describe('who may call', () => {
  it('is told by every audience and application that is listed, ids in lower case', () => {
    const { callers } = parse({
      CALLER_AUDIENCE: `${OTHER}, ${API}`,
      CALLER_ALLOWED_APPS: `${TENANT.toUpperCase()},${OTHER}`,
    });
    expect(callers.audiences).toEqual([OTHER, API]);
    expect(callers.allowedApplications).toEqual([TENANT, OTHER]);
  });

  it('is nobody when the list of applications is none: only an absent one sets no limit', () => {
    expect(parse({ CALLER_ALLOWED_APPS: 'none' }).callers.allowedApplications).toEqual([]);
    expect(parse({ CALLER_ALLOWED_APPS: '' }).callers.allowedApplications).toBeUndefined();
  });

  it('is of the tenant of Defender, unless another one is set', () => {
    expect(parse({ CALLER_TENANT_ID: OTHER.toUpperCase() }).callers.tenantId).toBe(OTHER);
    expect(parse({ DEFENDER_TENANT_ID: TENANT.toUpperCase() }).callers.tenantId).toBe(TENANT);
  });

  it('needs the id of the tenant, since tokens carry no domain name', () => {
    const domain = { DEFENDER_TENANT_ID: 'contoso.onmicrosoft.com' };
    expect(faultsOf(domain)).toEqual([
      'CALLER_TENANT_ID is missing (DEFENDER_TENANT_ID is a domain name, not a GUID)',
    ]);
    expect(faultsOf({ ...domain, CALLER_TENANT_ID: TENANT })).toEqual([]);
  });

  it('needs neither audience nor tenant id with function keys', () => {
    const keys = {
      CALLER_AUTH: 'functionKey',
      CALLER_AUDIENCE: undefined,
      DEFENDER_TENANT_ID: 'contoso.onmicrosoft.com',
    };
    expect(faultsOf(keys)).toEqual([]);
    expect(parse(keys).callers).toMatchObject({ auth: 'functionKey', audiences: [] });
  });

  it.each([
    ['functionKey', true],
    ['FUNCTIONKEY', true],
    [' functionkey ', true],
    ['entra', false],
    ['functionKeys', false],
    ['', false],
    [undefined, false],
  ])('is the same at registration and when a call comes: CALLER_AUTH=%j', (value, expected) => {
    expect(usesFunctionKeys({ CALLER_AUTH: value })).toBe(expected);
    if (value !== 'functionKeys') {
      expect(parse({ CALLER_AUTH: value }).callers.auth === 'functionKey').toBe(expected);
    }
  });
});

describe('the guards', () => {
  it('are read in lower case, because Defender does not tell the cases apart', () => {
    const { guards } = parse({
      PROTECTED_DEVICE_IDS: 'A'.repeat(40),
      PROTECTED_DEVICE_NAMES: 'DC-1.contoso.example',
      PROTECTED_DEVICE_TAGS: 'Tier 0,Production',
      PROTECTED_DEVICE_GROUPS: 'Domain Controllers',
      PROTECTED_DEVICE_VALUES: 'NORMAL,high',
      PROTECTED_OS_PLATFORMS: 'WindowsServer2022,Linux*',
      ACTION_CAP_PER_HOUR: '5',
      ACTION_CAP_PER_CALLER: '3',
    });
    expect(guards).toEqual({
      capPerHour: 5,
      capPerCaller: 3,
      protectedIds: ['a'.repeat(40)],
      protectedNames: ['dc-1.contoso.example'],
      protectedTags: ['tier 0', 'production'],
      protectedGroups: ['domain controllers'],
      protectedValues: ['normal', 'high'],
      protectedPlatforms: ['windowsserver2022', 'linux*'],
    });
  });

  it('are switched off by the word none and by nothing else', () => {
    const off = { PROTECTED_DEVICE_VALUES: 'none', PROTECTED_OS_PLATFORMS: 'None' };
    expect(parse(off).guards).toMatchObject({ protectedValues: [], protectedPlatforms: [] });
    const empty = { PROTECTED_DEVICE_VALUES: '', PROTECTED_OS_PLATFORMS: ' ' };
    expect(parse(empty).guards).toMatchObject({
      protectedValues: ['high'],
      protectedPlatforms: ['windowsserver*'],
    });
    expect(faultsOf({ PROTECTED_DEVICE_VALUES: ',', PROTECTED_OS_PLATFORMS: ' , ' })).toEqual([
      'PROTECTED_DEVICE_VALUES must be a list of Low, Normal, High, or none',
      'PROTECTED_OS_PLATFORMS must be a list of names of operating systems, which may end in *, or none',
    ]);
  });
});

describe('the hunting API', () => {
  it.each([
    ['graph', 'https://graph.microsoft.com', 'https://graph.microsoft.com'],
    ['endpoint', 'https://api.security.microsoft.com', 'https://api.securitycenter.microsoft.com'],
    ['xdr', 'https://api.security.microsoft.com', 'https://api.security.microsoft.com'],
  ])('%s has its own host and audience', (api, url, audience) => {
    expect(parse({ HUNTING_API: api }).hunting).toEqual({ api, url, audience, timeoutMs: 100_000 });
  });

  it.each([
    ['graph', 'GRAPH'],
    ['endpoint', 'DEFENDER'],
    ['xdr', 'XDR'],
  ])('%s is moved by the settings of %s', (api, prefix) => {
    const changes = {
      HUNTING_API: api,
      [`${prefix}_API_URL`]: 'https://host.example/',
      [`${prefix}_API_AUDIENCE`]: 'https://audience.example',
      HUNTING_TIMEOUT: 'PT30S',
    };
    expect(parse(changes).hunting).toEqual({
      api,
      url: 'https://host.example',
      audience: 'https://audience.example',
      timeoutMs: 30_000,
    });
  });
});
