import { describe, expect, it } from 'vitest';
import { parseResponseSettings, usesFunctionKeys } from '../../src/settings/parseResponseSettings.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';
import { settingFaults } from './settingFaults.ts';

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
const faultsOf = (changes: Environment) => settingFaults(() => parse(changes));

describe('the settings of what callers ask for', () => {
  it('need a tenant, a storage account, an audience and a host, and take the documented default for the rest', () => {
    expect(parse()).toMatchObject({
      storage: { tableUrl: 'https://contosostore.table.core.windows.net' },
      identity: { tenantId: TENANT },
      defender: { requestTimeoutMs: 60_000 },
      reading: { alertsApi: 'endpoint', incidentsApi: 'graph' },
      // Nothing says yet which registration would exchange the tokens of people.
      onBehalfOf: undefined,
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
        tenantsOf: new Map(),
        personRequiredFor: [],
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
      hunting: { api: 'graph', timeoutMs: 100_000 },
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

describe('the APIs', () => {
  it.each(['graph', 'endpoint', 'xdr'])('for hunting can be %s, for so long', (api) => {
    expect(parse({ HUNTING_API: api, HUNTING_TIMEOUT: 'PT30S' }).hunting).toEqual({ api, timeoutMs: 30_000 });
  });

  it('for reading are chosen one by one', () => {
    expect(parse({ ALERTS_API: 'graph', INCIDENTS_API: 'xdr' }).reading).toEqual({
      alertsApi: 'graph',
      incidentsApi: 'xdr',
    });
  });
});

describe('the limits of callers', () => {
  it('are listed by caller, each with its tenants, in lower case', () => {
    const pairs = `${OTHER.toUpperCase()}=${TENANT}, ${TENANT}=${OTHER},${OTHER}=${OTHER}`;
    expect(parse({ CALLER_TENANTS: pairs }).callers.tenantsOf).toEqual(
      new Map([
        [OTHER, [TENANT, OTHER]],
        [TENANT, [OTHER]],
      ]),
    );
  });

  it('say what only people may ask for', () => {
    expect(parse({ PERSON_REQUIRED_FOR: 'Isolate,release' }).callers.personRequiredFor).toEqual([
      'isolate',
      'release',
    ]);
  });
});

describe('acting on behalf of people', () => {
  it('is done by the registration that callers ask tokens for, proven by the identity', () => {
    expect(parse({ CALLER_AUDIENCE: `${API},${OTHER.toUpperCase()}` }).onBehalfOf).toEqual({
      clientId: OTHER,
      proof: { kind: 'federated', audience: 'api://AzureADTokenExchange' },
    });
  });

  it('is done by the registration that is named, before the one in the audience', () => {
    const changes = { CALLER_AUDIENCE: OTHER, ON_BEHALF_OF_CLIENT_ID: TENANT };
    expect(parse(changes).onBehalfOf?.clientId).toBe(TENANT);
  });

  it.each([
    ['clientSecret', 'ON_BEHALF_OF_SECRET_NAME'],
    ['clientCertificate', 'ON_BEHALF_OF_CERTIFICATE_NAME'],
  ])('by %s needs the vault and %s', (kind, setting) => {
    const changes = { CALLER_AUDIENCE: OTHER, ON_BEHALF_OF_CREDENTIAL: kind };
    expect(faultsOf(changes)).toEqual([
      'KEY_VAULT_URL is missing; set it, or KEY_VAULT_NAME',
      `${setting} is missing`,
    ]);
    expect(parse({ ...changes, KEY_VAULT_NAME: 'contoso', [setting]: 'api' }).onBehalfOf).toEqual({
      clientId: OTHER,
      proof: { kind, vaultUrl: 'https://contoso.vault.azure.net', name: 'api' },
    });
  });

  it.each([[{ ON_BEHALF_OF_CREDENTIAL: 'off', CALLER_AUDIENCE: OTHER }], [{ CALLER_AUDIENCE: API }]])(
    'is off with %j',
    (changes) => {
      expect(parse(changes).onBehalfOf).toBeUndefined();
    },
  );

  it('with a credential that is none is a fault like any other', () => {
    expect(faultsOf({ ON_BEHALF_OF_CREDENTIAL: 'password', CALLER_AUDIENCE: OTHER })).toEqual([
      'ON_BEHALF_OF_CREDENTIAL must be one of federated, clientSecret, clientCertificate, off',
    ]);
  });
});
