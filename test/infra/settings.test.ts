import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingDefinitions } from '../../src/settings/definitions.ts';
import { parseResponseSettings } from '../../src/settings/parseResponseSettings.ts';
import { parseSettings } from '../../src/settings/parseSettings.ts';
import { evaluateTemplate } from '../../tools/bicep/evaluateTemplate.ts';
import { isObject, toText } from '../../tools/bicep/Placeholder.ts';
import { parameterSets, type ParameterSet } from '../../tools/parameterSets.ts';
import { readVariables } from '../../tools/settingsPage.ts';
import {
  listTunableSettings,
  LOCAL_SETTINGS,
  readDerivedSettings,
  REPLACED_SETTINGS,
} from '../../tools/tunableSettings.ts';
import { bicepFiles, read, root } from './infraFiles.ts';

const appSettings = read('infra/modules/appSettings.bicep');
/** Read by the platform or its libraries, and not by the app. */
const platformSettings = [
  'AzureWebJobsStorage__credential',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'WEBSITE_AUTH_AAD_ALLOWED_TENANTS',
];
const GUID = '00000000-0000-0000-0000-00000000000a';

function deploySettings({
  params,
  azure = 'AzureCloud',
}: Omit<ParameterSet, 'title'>): Record<string, string> {
  const { resources } = evaluateTemplate(path.join(root, 'infra', 'main.bicep'), params, { azure });
  const config = resources.find(({ name }) => name === 'appsettings')?.body.properties ?? null;
  return Object.fromEntries(
    Object.entries(isObject(config) ? config : {}).map(([name, value]) => [name, toText(value)]),
  );
}

/** What a deployment would put where reading finds a placeholder. */
function fillIn(text: string): string {
  return text
    .replaceAll('<tenant>', GUID)
    .replaceAll('<uniqueString>', 'abcdefghijklm')
    .replace(/<[\w.]+\.(clientId|appId)>/g, GUID)
    .replace(/<[\w.]+\.vaultUri>/g, 'https://vault.example/')
    .replace(/^@Microsoft\.KeyVault\(.*\)$/, 'https://webhook.example');
}

describe('the app settings of a deployment', () => {
  it('are those that the app knows, and none but those for one machine is missing', () => {
    const given = [...readDerivedSettings(appSettings), ...listTunableSettings(appSettings)];
    const left = [...LOCAL_SETTINGS, ...REPLACED_SETTINGS];
    const expected = Object.keys(settingDefinitions).filter((name) => !left.includes(name));
    expect(given.sort()).toEqual(expected.sort());
  });

  it.each(parameterSets)('are known to the app or to the platform, and the app takes them: $title', (set) => {
    const settings = deploySettings(set);
    const others = Object.keys(settings).filter(
      (name) => !(name in settingDefinitions) && !/^AzureWebJobs\.\w+\.Disabled$/.test(name),
    );
    expect(others.sort()).toEqual([...platformSettings].sort());
    const env = Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, fillIn(text)]));
    expect(Object.values(env).join('\n')).not.toContain('<uniqueString');
    expect(() => parseSettings(env)).not.toThrow();
    expect(() => parseResponseSettings({ ...env, WEBSITE_HOSTNAME: 'app.example' })).not.toThrow();
  });

  it('name the secrets of the vault, and hold none', () => {
    for (const set of parameterSets) {
      const { ALERT_WEBHOOK_URL: webhook = '@Microsoft.KeyVault(' } = deploySettings(set);
      expect(webhook).toMatch(/^@Microsoft\.KeyVault\(/);
    }
  });

  it('follow what is tuned', () => {
    const [{ params }] = parameterSets;
    const settings = deploySettings({
      params: { ...params, settings: { ALERT_OVERLAP: 'PT30M', ALERT_PAGE_SIZE: '' } },
    });
    expect(settings.ALERT_OVERLAP).toBe('PT30M');
    // An empty one is left out, so that the default stays in one place.
    expect(settings).not.toHaveProperty('ALERT_PAGE_SIZE');
  });

  it('lead to the same hosts and audiences as the documentation says of the cloud', () => {
    const urls = (set: ParameterSet) => {
      const settings = deploySettings(set);
      const env = Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, fillIn(text)]));
      const { identity, defender, storage } = parseSettings(env);
      return { ...defender.endpointsOf(identity.cloud), authority: identity.authorityHost, storage };
    };
    const set = (title: string) => parameterSets.find((one) => one.title === title) ?? parameterSets[0];
    expect(urls(set('GCC High'))).toMatchObject({
      endpoint: { url: 'https://api-gov.securitycenter.microsoft.us' },
      xdr: { url: 'https://api-gov.security.microsoft.us' },
      graph: { url: 'https://graph.microsoft.us', audience: 'https://graph.microsoft.us' },
      authority: 'https://login.microsoftonline.us',
      storage: { tableUrl: 'https://stabcdefghijklm.table.core.usgovcloudapi.net' },
    });
    expect(urls(set('A region of Defender')).endpoint).toEqual({
      url: 'https://eu.api.security.microsoft.com',
      audience: 'https://api.securitycenter.microsoft.com',
    });
  });

  it('name the vault where a secret or a certificate is used, and only there', () => {
    for (const set of parameterSets) {
      const settings = deploySettings(set);
      const used = [settings.DEFENDER_CREDENTIAL, settings.ON_BEHALF_OF_CREDENTIAL];
      const isUsed = used.some((credential) => credential?.startsWith('client'));
      expect('KEY_VAULT_URL' in settings, set.title).toBe(isUsed);
    }
  });

  it('disable only functions that the app has', () => {
    const names = parameterSets.flatMap((set) =>
      Object.keys(deploySettings(set)).flatMap(
        (name) => /^AzureWebJobs\.(\w+)\.Disabled$/.exec(name)?.[1] ?? [],
      ),
    );
    expect(names).toContain('runHunt');
    const listed = [...read('README.md').matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    expect(listed).toEqual(expect.arrayContaining([...new Set(names)]));
  });
});

describe('the file of parameters', () => {
  const params = (file: string) =>
    (bicepFiles.find((candidate) => candidate.file === file)?.declarations ?? []).filter(
      ({ kind }) => kind === 'param',
    );

  it('gives every parameter of the deployment from the environment', () => {
    const names = params('infra/main.bicep').map(({ name }) => name);
    expect(
      params('infra/main.bicepparam')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort());
    const variables = readVariables(read('infra/main.bicepparam'));
    for (const name of names) expect(variables(name).length, name).toBeGreaterThan(0);
  });

  it('gives every setting that may be tuned from the variable of its name', () => {
    const variables = readVariables(read('infra/main.bicepparam'));
    expect([...variables('settings')].sort()).toEqual([...listTunableSettings(appSettings)].sort());
  });

  it('defaults to what main.bicep defaults to', () => {
    const defaults = new Map(
      params('infra/main.bicep').flatMap((param) =>
        param.kind === 'param' && param.value?.kind === 'literal'
          ? [[param.name, String(param.value.value)]]
          : [],
      ),
    );
    for (const [name, expected] of defaults) {
      const line = new RegExp(
        `^param ${name} = [^=]*?readEnvironmentVariable\\(\\s*'\\w+',\\s*'([^']*)'`,
        'm',
      );
      expect(line.exec(read('infra/main.bicepparam'))?.[1], name).toBe(expected);
    }
  });

  it('offers the choices that the app knows', () => {
    const choices = (name: string) => {
      const allowed = params('infra/main.bicep')
        .find((param) => param.name === name)
        ?.decorators.find((decorator) => decorator.name === 'allowed')?.args[0];
      return allowed?.kind === 'array'
        ? allowed.items.map((item) => (item.kind === 'literal' ? String(item.value) : ''))
        : [];
    };
    const known = (name: keyof typeof settingDefinitions) => settingDefinitions[name].type.unit.split(', ');
    expect(choices('defenderCredential')).toEqual(known('DEFENDER_CREDENTIAL'));
    expect(choices('onBehalfOfCredential')).toEqual(known('ON_BEHALF_OF_CREDENTIAL'));
    expect(choices('defenderCloud')).toEqual(known('DEFENDER_CLOUD'));
    expect(choices('defenderRegion')).toEqual(known('DEFENDER_REGION'));
    expect(choices('alertsApi')).toEqual([...known('ALERTS_API'), 'off']);
    expect(choices('incidentsApi')).toEqual([...known('INCIDENTS_API'), 'off']);
    expect(choices('callerAuth')).toEqual(known('CALLER_AUTH'));
    expect(choices('huntingApi')).toEqual([...known('HUNTING_API'), 'off']);
  });
});
