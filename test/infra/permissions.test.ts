import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { callerRoles } from '../../src/http/Caller.ts';
import { huntingApis } from '../../src/hunting/huntingApis.ts';
import { permissions } from '../../src/identity/permissions.ts';
import { describeDeployment } from '../../tools/describeDeployment.ts';
import { listGeneratedFiles } from '../../tools/generatedFiles.ts';
import { parameterSets } from '../../tools/parameterSets.ts';
import { read, root } from './infraFiles.ts';

const [{ params: required }] = parameterSets;
const deploy = (params: Record<string, boolean | string | object>) =>
  describeDeployment(root, { ...required, ...params } as typeof required);
const off = { pullAlerts: false, actOnDevices: false, huntingApi: 'off' };
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

  it('has the first role that each call of the app asks for, and no other', () => {
    const asked = globSync('src/{alerts,defender,devices,hunting}/**/*.ts', { cwd: root }).flatMap((file) => [
      ...read(file).matchAll(/(?:ROLES = \[|role: )'([\w.]+)'/g),
    ]);
    expect([...new Set(asked.map(([, role]) => role))].sort()).toEqual(
      [...new Set(permissions.map(({ role }) => role))].sort(),
    );
  });

  it('never asks for a role that writes more than the action itself', () => {
    for (const { role } of permissions) expect(role).toMatch(/\.Read\.All$|^Machine\.Isolate$/);
  });
});

describe('what a deployment grants', () => {
  it('is nothing when every feature is off', () => {
    expect(deploy(off).permissions).toEqual([]);
  });

  it.each([
    [{ ...off, pullAlerts: true }, ['Alert.Read.All']],
    [{ ...off, actOnDevices: true }, ['Machine.Isolate', 'Machine.Read.All']],
    [{ ...off, huntingApi: 'graph' }, [huntingApis.graph.role]],
    [{ ...off, huntingApi: 'endpoint' }, [huntingApis.endpoint.role]],
    [{ ...off, huntingApi: 'xdr' }, [huntingApis.xdr.role]],
  ])('is what the features that are on need: %o', (params, expected) => {
    expect(rolesOf(deploy(params).permissions)).toEqual(expected);
  });

  it('goes to the identity, or to the Defender application when that signs in', () => {
    const [identity] = deploy({}).permissions;
    const [application] = deploy({ defenderCredential: 'clientSecret' }).permissions;
    expect(identity).toContain('appIdentity');
    expect(application).toContain('defenderApplication');
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
