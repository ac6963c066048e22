import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { callerRoles } from '../../src/http/Caller.ts';
import { permissionTable, permissions } from '../../src/identity/permissions.ts';
import { describeDeployment } from '../../tools/describeDeployment.ts';
import { listGeneratedFiles } from '../../tools/generatedFiles.ts';
import { parameterSets } from '../../tools/parameterSets.ts';
import { read, root } from './infraFiles.ts';

const [{ params: required }] = parameterSets;
const deploy = (params: Record<string, boolean | string | object>) =>
  describeDeployment(root, { ...required, ...params } as typeof required);
const off = {
  pullAlerts: false,
  actOnDevices: false,
  alertsApi: 'off',
  incidentsApi: 'off',
  huntingApi: 'off',
};
const rolesOf = (lines: readonly string[]) => lines.map((line) => /: (\S+) of /.exec(line)?.[1]).sort();

describe('the table of permissions', () => {
  it.each([
    'infra/permissions.json',
    'infra/modules/tunableSettings.bicep',
    'docs/permissions.md',
    'docs/settings.md',
  ])('and what else is generated stands in %s as the code says it (else: npm run docs)', (file) => {
    expect(read(file)).toBe(listGeneratedFiles(read)[file]);
  });

  it('has a row for each call that the app makes, and no row that nothing needs', () => {
    const files = globSync('src/**/*.ts', { cwd: root });
    const named = files.flatMap((file) => [...read(file).matchAll(/permissionTable\.(\w+)/g)]);
    expect([...new Set(named.map(([, row]) => row))].sort()).toEqual(Object.keys(permissionTable).sort());
  });

  it('never asks for a role or a scope that writes more than the action itself', () => {
    for (const { role, delegatedScope } of permissions) {
      expect(role).toMatch(/\.Read\.All$|^Machine\.Isolate$/);
      expect(delegatedScope).toMatch(/\.Read(\.All)?$|^Machine\.Isolate$/);
    }
  });
});

describe('what a deployment grants', () => {
  it('is nothing when every feature is off', () => {
    expect(deploy(off).permissions).toEqual([]);
  });

  const { pullAlerts, isolateDevices, readDevices, ...rows } = permissionTable;

  it.each([
    [{ pullAlerts: true }, [pullAlerts.role], []],
    [
      { actOnDevices: true },
      [isolateDevices.role, readDevices.role],
      [isolateDevices.delegatedScope, readDevices.delegatedScope],
    ],
    [{ huntingApi: 'graph' }, [rows.huntWithGraph.role], [rows.huntWithGraph.delegatedScope]],
    [{ huntingApi: 'endpoint' }, [rows.huntWithEndpoint.role], [rows.huntWithEndpoint.delegatedScope]],
    [{ huntingApi: 'xdr' }, [rows.huntWithXdr.role], [rows.huntWithXdr.delegatedScope]],
    [
      { alertsApi: 'endpoint' },
      [rows.readAlertsFromEndpoint.role],
      [rows.readAlertsFromEndpoint.delegatedScope],
    ],
    [{ alertsApi: 'graph' }, [rows.readAlertsFromGraph.role], [rows.readAlertsFromGraph.delegatedScope]],
    [
      { incidentsApi: 'graph' },
      [rows.readIncidentsFromGraph.role],
      [rows.readIncidentsFromGraph.delegatedScope],
    ],
    [{ incidentsApi: 'xdr' }, [rows.readIncidentsFromXdr.role], [rows.readIncidentsFromXdr.delegatedScope]],
    // One role for both is granted once.
    [{ pullAlerts: true, alertsApi: 'endpoint' }, [pullAlerts.role], [pullAlerts.delegatedScope]],
  ])('is what the features that are on need: %o', (params, roles, scopes) => {
    const { permissions: granted } = deploy({ ...off, ...params });
    const isForPeople = (line: string) => line.includes('on behalf of people');
    expect(rolesOf(granted.filter((line) => !isForPeople(line)))).toEqual(roles);
    expect(rolesOf(granted.filter(isForPeople))).toEqual(scopes);
  });

  it('goes to the identity, or to the Defender application when that signs in', () => {
    const [identity] = deploy({}).permissions;
    expect(identity).toContain('appIdentity');
    for (const defenderCredential of ['federated', 'clientSecret', 'clientCertificate']) {
      const [application] = deploy({ defenderCredential }).permissions;
      expect(application).toContain('defenderApplication');
    }
  });

  it('is nothing for people where nothing is done on their behalf', () => {
    const forPeople = (params: Record<string, boolean | string>) =>
      deploy(params).permissions.filter((line) => line.includes('on behalf of people'));
    expect(forPeople({}).every((line) => line.startsWith('<apiRegistration.'))).toBe(true);
    expect(forPeople({ onBehalfOfCredential: 'off' })).toEqual([]);
    expect(forPeople({ callerAuth: 'functionKey' })).toEqual([]);
    const elsewhere = '00000000-0000-0000-0000-00000000000f';
    expect(forPeople({ defenderTenantId: elsewhere, defenderCredential: 'federated' })).toEqual([]);
  });

  it('lets people at a terminal read and hunt, and do nothing to devices', () => {
    const { permissions: granted } = deploy({ deployTerminalClient: true });
    const ofTerminal = granted.filter((line) => line.startsWith('<terminalClient.'));
    expect(rolesOf(ofTerminal)).toEqual([
      'Alert.Read',
      'SecurityIncident.Read.All',
      'ThreatHunting.Read.All',
    ]);
  });

  it('is nothing where the directory is out of reach, or Defender is of another tenant', () => {
    const isForDefender = (line: string) => !line.endsWith('of the API');
    const left = { deployRegistrations: false, apiClientId: 'x', apiIdentifierUri: 'y' };
    expect(deploy(left).permissions.filter(isForDefender)).toEqual([]);
    const other = {
      defenderTenantId: '00000000-0000-0000-0000-00000000000f',
      defenderCredential: 'clientSecret',
    };
    expect(deploy(other).permissions.filter(isForDefender)).toEqual([]);
  });
});

describe('registrations', () => {
  const lines = (params: Record<string, boolean | string>) => deploy(params).registrations.join('\n');

  it('trust the identity where it proves to be the application, and nothing else', () => {
    const trusts = (params: Record<string, boolean | string>) =>
      deploy(params).registrations.filter((line) => line.includes(': trusts '));
    expect(trusts({}).map((line) => line.split('.')[0])).toEqual(['<apiRegistration']);
    expect(trusts({ defenderCredential: 'federated' }).map((line) => line.split('.')[0])).toEqual([
      '<apiRegistration',
      '<defenderApplication',
    ]);
    const secrets = { defenderCredential: 'clientSecret', onBehalfOfCredential: 'clientCertificate' };
    expect(trusts(secrets)).toEqual([]);
  });

  it('let other tenants in where that is asked for, and lead their administrators back to the app', () => {
    const partner = { defenderCredential: 'federated', isDefenderApplicationMultiTenant: true };
    expect(lines(partner)).toContain('AzureADMultipleOrgs');
    expect(lines(partner)).toContain('/api/consent');
    const own = deploy({ ...partner, settings: { PUBLIC_BASE_URL: 'https://soc.example/' } });
    expect(own.registrations.join('\n')).toContain('comes back to https://soc.example/api/consent');
    expect(lines({ defenderCredential: 'federated' })).not.toMatch(/MultipleOrgs|comes back/);
  });

  it('know the public client of the terminal, which only people can use who are assigned to it', () => {
    expect(lines({ deployTerminalClient: true })).toMatch(/-terminal: AzureADMyOrg, a public client$/m);
    expect(lines({ deployTerminalClient: true })).toContain('terminalClient: for whoever is assigned');
    expect(lines({})).not.toContain('public client');
  });
});

describe('a deployment that cannot work', () => {
  const other = '00000000-0000-0000-0000-00000000000f';
  it.each([
    [
      { defenderCloud: 'gccHigh' },
      'defenderCloud gccHigh is deployed into AzureUSGovernment, and this is AzureCloud.',
    ],
    [{ defenderRegion: 'eu', defenderCloud: 'gcc' }, 'defenderRegion is known in the global cloud only'],
    [{ isDefenderApplicationMultiTenant: true }, 'isDefenderApplicationMultiTenant needs an application'],
    [{ defenderTenantId: other }, 'An identity works in its own tenant only'],
    [{ deployRegistrations: false }, 'apiClientId or apiIdentifierUri is missing'],
    [
      { deployRegistrations: false, callerAuth: 'functionKey', defenderCredential: 'federated' },
      'defenderClientId is missing',
    ],
    [
      { onBehalfOfCredential: 'off', settings: { PERSON_REQUIRED_FOR: 'isolate' } },
      'PERSON_REQUIRED_FOR would let nobody in',
    ],
  ])('is refused before anything is made: %o', (params, message) => {
    expect(() => deploy(params)).toThrow(message);
  });

  it('is refused with everything that is wrong at once', () => {
    expect(() => deploy({ defenderCloud: 'dod', isDefenderApplicationMultiTenant: true })).toThrow(
      /AzureUSGovernment.*needs an application/,
    );
  });
});

describe("the API's own roles", () => {
  const all = { isolateOnHighSeverity: true, huntIndicator: true, releaseAfterApproval: true };

  it('are registered as the code checks them', () => {
    const registered = [...read('infra/modules/apiRegistration.bicep').matchAll(/\{ value: '([\w.]+)'/g)];
    expect(registered.map(([, role]) => role)).toEqual([...callerRoles]);
  });

  it('are granted to the playbooks as these need them', () => {
    const granted = (playbooks: object, more = {}) =>
      rolesOf(
        deploy({ ...off, ...more, playbooks, approvalUrl: 'https://approvals.example' }).permissions.filter(
          (line) => line.endsWith('of the API'),
        ),
      );
    const on = { actOnDevices: true, huntingApi: 'graph' };
    const none = { isolateOnHighSeverity: false, huntIndicator: false, releaseAfterApproval: false };
    const needed = JSON.parse(read('infra/playbooks/roles.json')) as Record<string, string[]>;
    expect(granted(all, on)).toEqual([...new Set(Object.values(needed).flat())].sort());
    expect(granted({ ...none, huntIndicator: true }, on)).toEqual(needed['hunt-indicator']);
    expect(granted({ ...none, releaseAfterApproval: true }, on)).toEqual(needed['release-after-approval']);
    expect(granted({ ...none, isolateOnHighSeverity: true }, { actOnDevices: true })).toEqual(
      needed['isolate-on-high-severity']?.filter((role) => role !== 'Defender.Hunt'),
    );
    expect(granted(none, on)).toEqual([]);
    expect(granted(all)).toEqual([]);
  });
});
