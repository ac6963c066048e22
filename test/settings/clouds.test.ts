import { describe, expect, it } from 'vitest';
import { clouds, endpointsOf, regions } from '../../src/settings/clouds.ts';
import { parseIdentitySettings, parseSettings } from '../../src/settings/parseSettings.ts';
import type { Environment } from '../../src/settings/SettingsReader.ts';
import { settingFaults } from './settingFaults.ts';

const LEAST = {
  DEFENDER_TENANT_ID: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};
const COMMERCIAL = 'https://login.microsoftonline.com';
const GOVERNMENT = 'https://login.microsoftonline.us';

const faultsOf = (env: Environment) => settingFaults(() => parseSettings({ ...LEAST, ...env }));

describe('the addresses of a cloud', () => {
  // https://learn.microsoft.com/defender-endpoint/gov, https://learn.microsoft.com/graph/deployments
  it.each([
    [
      'global',
      COMMERCIAL,
      ['https://api.security.microsoft.com', 'https://api.securitycenter.microsoft.com'],
      ['https://api.security.microsoft.com', 'https://api.security.microsoft.com'],
      'https://graph.microsoft.com',
    ],
    [
      'gcc',
      COMMERCIAL,
      ['https://api-gcc.securitycenter.microsoft.us', 'https://api-gcc.securitycenter.microsoft.us'],
      ['https://api-gcc.security.microsoft.us', 'https://api-gcc.security.microsoft.us'],
      'https://graph.microsoft.com',
    ],
    [
      'gccHigh',
      GOVERNMENT,
      ['https://api-gov.securitycenter.microsoft.us', 'https://api-gov.securitycenter.microsoft.us'],
      ['https://api-gov.security.microsoft.us', 'https://api-gov.security.microsoft.us'],
      'https://graph.microsoft.us',
    ],
    [
      'dod',
      GOVERNMENT,
      ['https://api-gov.securitycenter.microsoft.us', 'https://api-gov.securitycenter.microsoft.us'],
      ['https://api-gov.security.microsoft.us', 'https://api-gov.security.microsoft.us'],
      'https://dod-graph.microsoft.us',
    ],
  ] as const)('%s are the documented ones', (cloud, authorityHost, endpoint, xdr, graph) => {
    const { defender, identity } = parseSettings({ ...LEAST, DEFENDER_CLOUD: cloud });
    expect(identity).toMatchObject({ cloud, authorityHost });
    expect(defender.endpointsOf(cloud)).toEqual({
      endpoint: { url: endpoint[0], audience: endpoint[1] },
      xdr: { url: xdr[0], audience: xdr[1] },
      graph: { url: graph, audience: graph },
    });
  });

  it.each(clouds)(
    '%s are https URLs without a closing slash, and suffixes without a dot in front',
    (cloud) => {
      const { vaultSuffix, storageSuffix, federatedAudience, ...urls } = endpointsOf(cloud);
      for (const url of Object.values(urls)) expect(new URL(url).origin).toBe(url);
      for (const suffix of [vaultSuffix, storageSuffix]) expect(suffix).toMatch(/^[a-z]+(\.[a-z]+)+$/);
      expect(federatedAudience).toMatch(/^api:\/\/AzureADTokenExchange(USGov)?$/);
    },
  );
});

describe('a region', () => {
  it.each(regions)('%s changes the host of Defender for Endpoint and nothing else', (region) => {
    const { defender } = parseSettings({ ...LEAST, DEFENDER_REGION: region });
    const plain = parseSettings(LEAST).defender.endpointsOf('global');
    expect(defender.endpointsOf('global')).toEqual({
      ...plain,
      endpoint: { ...plain.endpoint, url: `https://${region}.api.security.microsoft.com` },
    });
  });

  it.each(['gcc', 'gccHigh', 'dod'])('is a fault in the cloud %s, which has none', (cloud) => {
    expect(faultsOf({ DEFENDER_CLOUD: cloud, DEFENDER_REGION: 'eu' })).toEqual([
      'DEFENDER_REGION is for the global cloud only; remove it, or set DEFENDER_CLOUD to global',
    ]);
  });

  it('or cloud that is none is told as that alone', () => {
    expect(faultsOf({ DEFENDER_REGION: 'moon' })).toEqual([
      'DEFENDER_REGION must be one of us, eu, uk, au, swa, ina, aea',
    ]);
    expect(faultsOf({ DEFENDER_CLOUD: 'moon' })).toEqual([
      'DEFENDER_CLOUD must be one of global, gcc, gccHigh, dod',
    ]);
  });
});

describe('each address', () => {
  it.each([
    ['DEFENDER_API_URL', 'endpoint', 'url'],
    ['DEFENDER_API_AUDIENCE', 'endpoint', 'audience'],
    ['XDR_API_URL', 'xdr', 'url'],
    ['XDR_API_AUDIENCE', 'xdr', 'audience'],
    ['GRAPH_API_URL', 'graph', 'url'],
    ['GRAPH_API_AUDIENCE', 'graph', 'audience'],
  ] as const)('can be overridden by %s, for the own cloud only', (setting, api, member) => {
    for (const cloud of clouds) {
      const env = { ...LEAST, DEFENDER_CLOUD: cloud, [setting]: 'https://own.example' };
      const { endpointsOf: own } = parseSettings(env).defender;
      const { endpointsOf: documented } = parseSettings({ ...LEAST, DEFENDER_CLOUD: cloud }).defender;
      const expected = documented(cloud);
      expect(own(cloud)).toEqual({
        ...expected,
        [api]: { ...expected[api], [member]: 'https://own.example' },
      });
      // A customer in another cloud is reached where the documentation says.
      for (const other of clouds.filter((one) => one !== cloud)) {
        expect(own(other)).toEqual(documented(other));
      }
    }
  });

  it('of Entra can be overridden as well', () => {
    const env = { ...LEAST, DEFENDER_CLOUD: 'dod', AZURE_AUTHORITY_HOST: 'https://own.example/' };
    expect(parseIdentitySettings(env).authorityHost).toBe('https://own.example');
  });
});
