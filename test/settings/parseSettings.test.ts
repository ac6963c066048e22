import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  settingDefinitions,
  type SettingDefinition,
  type SettingName,
} from '../../src/settings/definitions.ts';
import {
  isWebhookConfigured,
  parseSettings,
  parseStorageSettings,
  type Settings,
} from '../../src/settings/parseSettings.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { settingFaults } from './settingFaults.ts';

const TENANT = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
/** The least that must be set. */
const LEAST: Environment = { DEFENDER_TENANT_ID: TENANT, AzureWebJobsStorage__accountName: 'contosostore' };

const definitions = Object.entries(settingDefinitions) as [SettingName, SettingDefinition<unknown>][];

describe('the settings', () => {
  it('need nothing but a tenant and a storage account, and take the documented default for the rest', () => {
    expect(parseSettings(LEAST)).toEqual({
      storage: {
        connectionString: undefined,
        tableUrl: 'https://contosostore.table.core.windows.net',
        queueUrl: 'https://contosostore.queue.core.windows.net',
        blobUrl: 'https://contosostore.blob.core.windows.net',
        clientId: undefined,
      },
      identity: {
        tenantId: TENANT,
        cloud: 'global',
        authorityHost: 'https://login.microsoftonline.com',
        managedIdentityClientId: undefined,
        application: undefined,
      },
      defender: { endpointsOf: expect.any(Function) as unknown, requestTimeoutMs: 60_000 },
      alerts: {
        budgetMs: 8 * 60_000,
        firstLookbackMs: 48 * 3_600_000,
        overlapMs: 15 * 60_000,
        sweepLookbackMs: 24 * 3_600_000,
        sweepIntervalMs: 3_600_000,
        pageSize: 1000,
        quotaSharePercent: 60,
        ledgerRetentionMs: 30 * 86_400_000,
        webhookUrl: undefined,
      },
      tenantFanOutAbove: 25,
    });
    expect(parseSettings(LEAST).defender.endpointsOf('global')).toEqual({
      endpoint: {
        url: 'https://api.security.microsoft.com',
        audience: 'https://api.securitycenter.microsoft.com',
      },
      xdr: { url: 'https://api.security.microsoft.com', audience: 'https://api.security.microsoft.com' },
      graph: { url: 'https://graph.microsoft.com', audience: 'https://graph.microsoft.com' },
    });
  });

  it.each(definitions.filter(([, definition]) => definition.default !== undefined))(
    'have a default for %s that is right by its own rule',
    (_name, { type, default: value = '' }) => {
      expect(() => type.parse(value)).not.toThrow();
    },
  );

  it('are given the same with and without blanks around them, and empty ones count as absent', () => {
    const padded = Object.fromEntries(
      Object.entries(LEAST).map(([name, value]) => [name, ` ${value ?? ''}\n`]),
    );
    const empty = Object.fromEntries(definitions.map(([name]) => [name, '  ']));
    // A function is equal to itself only.
    const plain = ({ defender, ...rest }: Settings) => ({ ...rest, ...defender.endpointsOf('global') });
    expect(plain(parseSettings({ ...empty, ...padded }))).toEqual(plain(parseSettings(LEAST)));
  });

  it('name all faults at once, each by its variable with what to do', () => {
    const env = {
      DEFENDER_CREDENTIAL: 'clientSecret',
      DEFENDER_CLIENT_ID: 'my-app',
      DEFENDER_API_URL: 'http://api.security.microsoft.com',
      DEFENDER_REQUEST_TIMEOUT: '60',
      ALERT_PAGE_SIZE: '10001',
      ALERT_QUOTA_SHARE: '0',
      ALERT_OVERLAP: 'PT25H',
      ALERT_WEBHOOK_URL: 'ftp://x',
    };
    expect([...settingFaults(() => parseSettings(env))].sort()).toEqual(
      [
        'set AzureWebJobsStorage (a connection string) or AzureWebJobsStorage__accountName',
        'DEFENDER_TENANT_ID is missing',
        'DEFENDER_CLIENT_ID must be GUID',
        'KEY_VAULT_URL is missing; set it, or KEY_VAULT_NAME',
        'DEFENDER_SECRET_NAME is missing',
        'DEFENDER_API_URL must be an https URL (http only for a loopback address)',
        'DEFENDER_REQUEST_TIMEOUT must be an ISO 8601 duration from PT1S to PT3M, for example PT15M',
        'ALERT_PAGE_SIZE must be a whole number from 1 to 10000',
        'ALERT_QUOTA_SHARE must be a whole number from 1 to 100',
        'ALERT_OVERLAP must be an ISO 8601 duration from PT0S to P1D, for example PT15M',
        'ALERT_WEBHOOK_URL must be an https URL (http only for a loopback address)',
      ].sort(),
    );
    expect(() => parseSettings(env)).toThrow(
      /^Correct these app settings: .*; .*\. README\.md explains each\.$/,
    );
  });

  it('name a fault once, however often the setting is used', () => {
    const env = { ...LEAST, AZURE_CLIENT_ID: 'my-identity' };
    expect(settingFaults(() => parseSettings(env))).toEqual(['AZURE_CLIENT_ID must be GUID']);
  });

  it('show no value in a fault: it may be a secret that stands in the wrong place', () => {
    const value = fc.string({ minLength: 8, maxLength: 40 }).filter((found) => found.trim().length >= 8);
    fc.assert(
      fc.property(fc.constantFrom(...definitions.map(([name]) => name)), value, (name, found) => {
        try {
          parseSettings({ ...LEAST, DEFENDER_CREDENTIAL: 'clientSecret', [name]: found });
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
          expect(String(error)).not.toContain(found.trim());
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('each setting', () => {
  const bounds: [SettingName, string[], string[]][] = [
    ['DEFENDER_TENANT_ID', [TENANT, 'contoso.onmicrosoft.com'], ['x', 'a b', 'contoso/..', '-x-']],
    ['DEFENDER_CLOUD', ['global', 'gcc', 'GCCHIGH', 'dod'], ['china', 'usgov', 'public']],
    ['DEFENDER_REGION', ['us', 'eu', 'uk', 'au', 'swa', 'ina', 'AEA'], ['de', 'us2', 'none']],
    [
      'DEFENDER_CREDENTIAL',
      ['managedIdentity', 'clientsecret', 'federated', 'CLIENTCERTIFICATE'],
      ['certificate', 'secret', 'off'],
    ],
    ['DEFENDER_CERTIFICATE_NAME', ['defender', 'a-1'], ['a_b', 'a/b', 'a'.repeat(128)]],
    ['KEY_VAULT_NAME', ['abc', 'contoso-vault', 'a'.repeat(24)], ['ab', '1contoso', 'a_b', 'a'.repeat(25)]],
    ['FEDERATED_AUDIENCE', ['api://AzureADTokenExchange'], ['AzureADTokenExchange', 'api:// x']],
    ['PERSON_REQUIRED_FOR', ['none', 'isolate', 'Isolate, hunt,release,read'], ['all', 'delete', ',']],
    ['ON_BEHALF_OF_CREDENTIAL', ['federated', 'clientSecret', 'clientCertificate', 'OFF'], ['none', 'on']],
    ['ON_BEHALF_OF_CLIENT_ID', [CLIENT], ['api://x', 'app']],
    ['ON_BEHALF_OF_SECRET_NAME', ['api'], ['a_b']],
    ['ON_BEHALF_OF_CERTIFICATE_NAME', ['api'], ['a/b']],
    ['PUBLIC_CLIENT_ID', [CLIENT], ['x']],
    ['TENANT_FAN_OUT_ABOVE', ['0', '25', '10000'], ['-1', '10001', 'none']],
    [
      'CALLER_TENANTS',
      ['none', `${CLIENT}=${TENANT}`, `${CLIENT}=${TENANT}, ${TENANT}=${TENANT.toUpperCase()}`],
      [CLIENT, `${CLIENT}=`, `${CLIENT}=contoso.example`, `${CLIENT}:${TENANT}`, ','],
    ],
    ['ALERTS_API', ['endpoint', 'GRAPH'], ['xdr', 'none']],
    ['INCIDENTS_API', ['graph', 'xdr'], ['endpoint', 'none']],
    ['DEFENDER_CLIENT_ID', [CLIENT, CLIENT.toUpperCase()], [`${CLIENT}0`, 'app']],
    ['DEFENDER_SECRET_NAME', ['defender', 'a-1'], ['a_b', 'a/b', 'a'.repeat(128)]],
    ['KEY_VAULT_URL', ['https://contoso.vault.azure.net'], ['contoso', 'http://contoso.vault.azure.net']],
    ['AZURE_CLIENT_ID', [CLIENT], ['x']],
    ['AZURE_AUTHORITY_HOST', ['https://login.microsoftonline.us'], ['login.microsoftonline.us']],
    ['DEFENDER_API_URL', ['https://api-gov.securitycenter.microsoft.us'], ['http://10.0.0.1']],
    ['DEFENDER_API_AUDIENCE', ['https://api.securitycenter.microsoft.com', 'api://x'], ['x', 'https:// x']],
    ['DEFENDER_REQUEST_TIMEOUT', ['PT1S', 'PT3M'], ['PT0.9S', 'PT181S']],
    ['ALERT_PULL_SCHEDULE', ['0 */5 * * * *'], ['*/5 * * * *', '0  */5 * * * *', 'PT5M']],
    ['ALERT_PULL_BUDGET', ['PT5S', 'P1D'], ['PT4S', 'PT24H1S']],
    ['ALERT_FIRST_LOOKBACK', ['PT1M', 'P180D'], ['PT59S', 'P181D']],
    ['ALERT_OVERLAP', ['PT0S', 'P1D'], ['P2D']],
    ['ALERT_SWEEP_LOOKBACK', ['PT0S', 'P7D'], ['P8D']],
    ['ALERT_SWEEP_INTERVAL', ['PT1M', 'P1D'], ['PT59S', 'P2D']],
    ['ALERT_PAGE_SIZE', ['1', '10000'], ['0', '10001', '1.5']],
    ['ALERT_QUOTA_SHARE', ['1', '100'], ['0', '101']],
    ['ALERT_LEDGER_RETENTION', ['P2D', 'P365D'], ['P1D', 'P366D']],
    [
      'ALERT_WEBHOOK_URL',
      ['https://contoso.example/hook?sig=x', 'http://localhost:8446/'],
      ['http://contoso.example'],
    ],
    [
      'PUBLIC_BASE_URL',
      ['https://contoso.example', 'https://contoso.example/defender/', 'http://localhost:7071'],
      [
        'http://contoso.example',
        'contoso.example',
        'https://contoso.example?x=1',
        'https://contoso.example#x',
      ],
    ],
    ['CALLER_AUTH', ['entra', 'functionKey', 'FUNCTIONKEY'], ['none', 'anonymous', 'key']],
    [
      'CALLER_AUDIENCE',
      [CLIENT, 'api://x', `${CLIENT}, api://x`],
      ['x', `${CLIENT};api://x`, 'api://x y', ','],
    ],
    ['CALLER_TENANT_ID', [TENANT, TENANT.toUpperCase()], ['contoso.onmicrosoft.com', 'common', '*']],
    [
      'CALLER_ALLOWED_APPS',
      [CLIENT, `${CLIENT},${TENANT}`, 'none'],
      ['*', 'my-app', `${CLIENT} ${TENANT}`, ','],
    ],
    ['OPERATION_POLL_INTERVAL', ['PT1S', 'PT5M'], ['PT0.9S', 'PT301S', '10']],
    ['ACTION_CAP_PER_HOUR', ['1', '500'], ['0', '501', 'none']],
    ['ACTION_CAP_PER_CALLER', ['1', '500'], ['0', '501', 'none']],
    [
      'PROTECTED_DEVICE_IDS',
      ['none', 'a'.repeat(40), `${'a'.repeat(40)}, ${'B'.repeat(40)}`],
      ['a'.repeat(39), 'desk-1', CLIENT, ','],
    ],
    ['PROTECTED_DEVICE_NAMES', ['none', 'dc-1.contoso.example,DC-2.contoso.example'], ['dc-*', 'dc 1', ',']],
    ['PROTECTED_DEVICE_TAGS', ['none', 'Tier 0, Production'], [',', ' , ']],
    ['PROTECTED_DEVICE_GROUPS', ['none', 'Domain controllers'], [',']],
    ['PROTECTED_DEVICE_VALUES', ['none', 'High', 'high,normal', 'Low'], ['Critical', 'High;Low', ',']],
    [
      'PROTECTED_OS_PLATFORMS',
      ['none', 'WindowsServer*', 'WindowsServer2022,Linux'],
      ['*Server', 'Win*Server', 'a b', ','],
    ],
    ['HUNTING_API', ['graph', 'endpoint', 'XDR'], ['defender', 'none']],
    ['GRAPH_API_URL', ['https://graph.microsoft.us'], ['http://graph.microsoft.com', 'graph.microsoft.com']],
    ['GRAPH_API_AUDIENCE', ['https://graph.microsoft.us'], ['graph.microsoft.us']],
    ['XDR_API_URL', ['https://api-gov.security.microsoft.us'], ['http://10.0.0.1']],
    ['XDR_API_AUDIENCE', ['https://api-gov.security.microsoft.us'], ['x']],
    // A caller waits 120 seconds, and the handler of a request ends it after 110.
    ['HUNTING_TIMEOUT', ['PT1S', 'PT105S'], ['PT0S', 'PT106S', 'PT2M']],
    ['HEALTH_MAX_PULL_AGE', ['PT1M', 'P7D'], ['PT59S', 'P8D']],
    ['AzureWebJobsStorage', ['UseDevelopmentStorage=true'], []],
    ['AzureWebJobsStorage__accountName', ['abc', 'a'.repeat(24)], ['ab', 'Contoso', 'a-b', 'a'.repeat(25)]],
    ['AzureWebJobsStorage__tableServiceUri', ['https://x.table.core.usgovcloudapi.net'], ['x']],
    ['AzureWebJobsStorage__queueServiceUri', ['https://x.queue.core.usgovcloudapi.net'], ['x']],
    ['AzureWebJobsStorage__blobServiceUri', ['https://x.blob.core.usgovcloudapi.net'], ['x']],
    ['AzureWebJobsStorage__clientId', [CLIENT], ['x']],
  ];

  it('is covered here', () => {
    expect(bounds.map(([name]) => name).sort()).toEqual(definitions.map(([name]) => name).sort());
  });

  it.each(bounds)('%s takes %j and refuses %j', (name, right, wrong) => {
    const { type } = settingDefinitions[name];
    for (const value of right) expect(() => type.parse(value), value).not.toThrow();
    for (const value of wrong) expect(() => type.parse(value), value).toThrow(/^must be /);
  });

  it('is a secret where its value opens something', () => {
    const secrets = definitions.filter(([, { secret }]) => secret).map(([name]) => name);
    expect(secrets).toEqual(['ALERT_WEBHOOK_URL', 'AzureWebJobsStorage']);
  });

  it('says what it means in a sentence', () => {
    expect(definitions.filter(([, { meaning }]) => !/^[A-Z].*\.$/.test(meaning))).toEqual([]);
  });
});

describe('the credential', () => {
  it('belongs to a tenant whose name is the same in any case, because it is part of what is stored', () => {
    const upper = { ...LEAST, DEFENDER_TENANT_ID: TENANT.toUpperCase() };
    expect(parseSettings(upper).identity.tenantId).toBe(TENANT);
  });
});

describe('the storage account', () => {
  const URIS = {
    AzureWebJobsStorage__tableServiceUri: 'https://a.table.example/',
    AzureWebJobsStorage__queueServiceUri: 'https://a.queue.example',
    AzureWebJobsStorage__blobServiceUri: 'https://a.blob.example',
  };

  it('is taken by connection string', () => {
    expect(parseStorageSettings({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' })).toMatchObject({
      connectionString: 'UseDevelopmentStorage=true',
    });
  });

  it('is taken by the addresses of its services', () => {
    expect(parseStorageSettings(URIS)).toEqual({
      connectionString: undefined,
      tableUrl: 'https://a.table.example',
      queueUrl: 'https://a.queue.example',
      blobUrl: 'https://a.blob.example',
      clientId: undefined,
    });
  });

  it.each([
    ['global', 'core.windows.net'],
    ['gcc', 'core.windows.net'],
    ['gccHigh', 'core.usgovcloudapi.net'],
    ['dod', 'core.usgovcloudapi.net'],
  ])('follows from its name by the cloud %s', (cloud, suffix) => {
    const env = { DEFENDER_CLOUD: cloud, AzureWebJobsStorage__accountName: 'abc' };
    expect(parseStorageSettings(env)).toMatchObject({
      tableUrl: `https://abc.table.${suffix}`,
      queueUrl: `https://abc.queue.${suffix}`,
      blobUrl: `https://abc.blob.${suffix}`,
    });
  });

  it('is taken by its name, with an address where that does not follow from it', () => {
    const env = {
      AzureWebJobsStorage__accountName: 'abc',
      AzureWebJobsStorage__blobServiceUri: 'https://b.example',
    };
    expect(parseStorageSettings(env)).toMatchObject({
      tableUrl: 'https://abc.table.core.windows.net',
      blobUrl: 'https://b.example',
    });
  });

  it.each(Object.keys(URIS))('is missing when only %s is absent', (name) => {
    const env = Object.fromEntries(Object.entries(URIS).filter(([other]) => other !== name));
    expect(settingFaults(() => parseStorageSettings(env))).toEqual([
      'set AzureWebJobsStorage (a connection string) or AzureWebJobsStorage__accountName',
    ]);
  });

  it('is reached by an identity of its own, or else by the one of the app', () => {
    const own = 'ffff1111-aaaa-2222-bbbb-3333cccc4444';
    const env = { ...URIS, AZURE_CLIENT_ID: CLIENT };
    expect(parseStorageSettings(env).clientId).toBe(CLIENT);
    expect(parseStorageSettings({ ...env, AzureWebJobsStorage__clientId: own }).clientId).toBe(own);
  });

  it('can be read by tools that have no other setting', () => {
    expect(() => parseStorageSettings(URIS)).not.toThrow();
  });
});

describe('the webhook', () => {
  it('is configured when its URL is there, even a wrong one: then the fault must come up', () => {
    expect(isWebhookConfigured({ ALERT_WEBHOOK_URL: 'https://contoso.example' })).toBe(true);
    expect(isWebhookConfigured({ ALERT_WEBHOOK_URL: 'nonsense' })).toBe(true);
    expect(isWebhookConfigured({ ALERT_WEBHOOK_URL: '  ' })).toBe(false);
    expect(isWebhookConfigured({})).toBe(false);
  });

  it('is called by its URL exactly as that was given, because the slash at its end can matter', () => {
    const given = 'https://contoso.example/hooks/alerts/';
    expect(parseSettings({ ...LEAST, ALERT_WEBHOOK_URL: given }).alerts.webhookUrl).toBe(given);
  });
});
