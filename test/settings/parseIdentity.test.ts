import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdentitySettings } from '../../src/settings/parseSettings.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';
import { settingFaults } from './settingFaults.ts';

const TENANT = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';

const parse = (changes: Environment) => parseIdentitySettings({ DEFENDER_TENANT_ID: TENANT, ...changes });
const faultsOf = (changes: Environment) => settingFaults(() => parse(changes));

describe('the credential', () => {
  it('by managed identity needs nothing, and may name a user-assigned identity', () => {
    expect(parse({ AZURE_CLIENT_ID: CLIENT })).toMatchObject({
      managedIdentityClientId: CLIENT,
      application: undefined,
    });
  });

  it('by the token of the identity needs the registration, and nothing of a vault', () => {
    const changes = { DEFENDER_CREDENTIAL: 'federated', AZURE_CLIENT_ID: CLIENT };
    expect(faultsOf(changes)).toEqual(['DEFENDER_CLIENT_ID is missing']);
    expect(parse({ ...changes, DEFENDER_CLIENT_ID: CLIENT }).application).toEqual({
      clientId: CLIENT,
      proof: { kind: 'federated', audience: 'api://AzureADTokenExchange' },
    });
  });

  it.each([
    ['gccHigh', 'api://AzureADTokenExchangeUSGov'],
    ['dod', 'api://AzureADTokenExchangeUSGov'],
    ['gcc', 'api://AzureADTokenExchange'],
  ])('by the token of the identity is for the audience of the cloud %s', (cloud, audience) => {
    const changes = { DEFENDER_CREDENTIAL: 'federated', DEFENDER_CLIENT_ID: CLIENT, DEFENDER_CLOUD: cloud };
    expect(parse(changes).application?.proof).toEqual({ kind: 'federated', audience });
    const own = parse({ ...changes, FEDERATED_AUDIENCE: 'api://own' });
    expect(own.application?.proof).toEqual({ kind: 'federated', audience: 'api://own' });
  });

  it.each([
    ['clientSecret', 'DEFENDER_SECRET_NAME', 'DEFENDER_CERTIFICATE_NAME'],
    ['clientCertificate', 'DEFENDER_CERTIFICATE_NAME', 'DEFENDER_SECRET_NAME'],
  ])('by %s needs registration, vault and %s', (kind, setting, other) => {
    const changes = { DEFENDER_CREDENTIAL: kind, [other]: 'something-else' };
    expect(faultsOf(changes)).toEqual([
      'DEFENDER_CLIENT_ID is missing',
      'KEY_VAULT_URL is missing; set it, or KEY_VAULT_NAME',
      `${setting} is missing`,
    ]);
    const complete = { ...changes, DEFENDER_CLIENT_ID: CLIENT, [setting]: 'defender' };
    expect(parse({ ...complete, KEY_VAULT_URL: 'https://own.example/' }).application).toEqual({
      clientId: CLIENT,
      proof: { kind, vaultUrl: 'https://own.example', name: 'defender' },
    });
  });

  it.each([
    ['global', 'https://contoso.vault.azure.net'],
    ['gcc', 'https://contoso.vault.azure.net'],
    ['gccHigh', 'https://contoso.vault.usgovcloudapi.net'],
    ['dod', 'https://contoso.vault.usgovcloudapi.net'],
  ])('finds the vault by its name in the cloud %s, unless an address is set', (cloud, vaultUrl) => {
    const changes = {
      DEFENDER_CREDENTIAL: 'clientSecret',
      DEFENDER_CLIENT_ID: CLIENT,
      DEFENDER_SECRET_NAME: 'defender',
      DEFENDER_CLOUD: cloud,
      KEY_VAULT_NAME: 'contoso',
    };
    expect(parse(changes).application?.proof).toMatchObject({ vaultUrl });
    const own = parse({ ...changes, KEY_VAULT_URL: 'https://own.example' });
    expect(own.application?.proof).toMatchObject({ vaultUrl: 'https://own.example' });
  });

  it('that is none is one fault and no crash, whatever else is set', () => {
    const setting = fc.constantFrom(
      'DEFENDER_CLIENT_ID',
      'DEFENDER_SECRET_NAME',
      'DEFENDER_CERTIFICATE_NAME',
      'KEY_VAULT_NAME',
    );
    fc.assert(
      fc.property(fc.string(), setting, (value, name) => {
        fc.pre(
          value.trim() !== '' &&
            !/^(managedidentity|federated|client(secret|certificate))$/i.test(value.trim()),
        );
        const given = name === 'DEFENDER_CLIENT_ID' ? CLIENT : 'contoso';
        expect(faultsOf({ DEFENDER_CREDENTIAL: value, [name]: given })).toEqual([
          'DEFENDER_CREDENTIAL must be one of managedIdentity, federated, clientSecret, clientCertificate',
        ]);
      }),
    );
  });
});
