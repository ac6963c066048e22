import { describe, expect, it } from 'vitest';
import { howToGrantRole } from '../../src/doctor/howToGrant.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import type { IdentitySettings } from '../../src/settings/parseIdentity.ts';
import { home } from './support/createTestDoctor.ts';

const APP = '00001111-aaaa-2222-bbbb-3333cccc4444';
const identity: IdentitySettings = {
  tenantId: home.id,
  cloud: 'global',
  authorityHost: 'https://login.microsoftonline.com',
  managedIdentityClientId: undefined,
  application: undefined,
};
const commandFor = (applicationId: string | undefined, cloud: 'global' | 'gccHigh' | 'dod' = 'global') =>
  howToGrantRole({
    permission: permissionTable.isolateDevices,
    settings: { identity },
    tenant: { ...home, cloud },
    claims: { applicationId },
  });

describe('the command that grants a role', () => {
  it('looks identity, resource and role up, and assigns the one to the other', () => {
    expect(commandFor(APP).command).toBe(
      `principal=$(az ad sp show --id '${APP}' --query id -o tsv)` +
        ' && resource=$(az ad sp show --id fc780465-2017-40d4-a0c5-307022471b92 --query id -o tsv)' +
        ` && role=$(az ad sp show --id fc780465-2017-40d4-a0c5-307022471b92 --query "appRoles[?value=='Machine.Isolate'].id | [0]" -o tsv)` +
        ' && az rest --method POST --resource https://graph.microsoft.com --url "https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignments"' +
        String.raw` --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}"`,
    );
    expect(commandFor(APP).advice).toContain('24 hours');
  });

  it('goes to the Graph of the cloud', () => {
    expect(commandFor(APP, 'gccHigh').command).toContain('--resource https://graph.microsoft.us ');
    expect(commandFor(APP, 'dod').command).toContain('"https://dod-graph.microsoft.us/v1.0/');
  });

  it('never holds what a token only claims to be an id', () => {
    for (const id of [undefined, "x'; rm -rf ~; '", '$(id)']) {
      expect(commandFor(id).command).toContain("--id '<object id of the managed identity>'");
    }
  });
});
