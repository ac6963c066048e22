import { permissions, type PermittedFeature } from '../src/identity/permissions.ts';
import { formatTable } from './formatTable.ts';
import { readRoleAssignments } from './readRoleAssignments.ts';

/** By which parameter of infra/main.bicep each is switched, and how it is called. */
const features: Readonly<Record<PermittedFeature, { readonly title: string; readonly parameter: string }>> = {
  pullAlerts: { title: 'pull alerts', parameter: '`pullAlerts`' },
  actOnDevices: { title: 'isolate and release devices', parameter: '`actOnDevices`' },
  huntWithGraph: { title: 'hunt', parameter: "`huntingApi` = `'graph'`" },
  huntWithEndpoint: { title: 'hunt, until 2027-02-01', parameter: "`huntingApi` = `'endpoint'`" },
  huntWithXdr: { title: 'hunt, until 2027-02-01', parameter: "`huntingApi` = `'xdr'`" },
};

const scopes: Readonly<Record<string, string>> = {
  storageAccount: 'the storage account',
  component: 'Application Insights',
  vault: 'the vault',
};

/**
 * docs/permissions.md.
 * @param read the text of a file of the repository.
 */
export function formatPermissionsPage(read: (file: string) => string): string {
  const granted = permissions.map(({ feature, resource, role, delegatedScope, why }) => [
    features[feature].title,
    features[feature].parameter,
    resource,
    `\`${role}\``,
    `\`${delegatedScope}\``,
    why,
  ]);
  const ids = permissions.map(({ resource, resourceAppId, role, roleId }) => [
    resource,
    `\`${resourceAppId}\``,
    `\`${role}\``,
    `\`${roleId}\``,
  ]);
  const assigned = (['app', 'operator'] as const).flatMap((who) => {
    const file = `infra/modules/${who}Roles.bicep`;
    return readRoleAssignments(file, read(file)).map(({ scope, role, isConditional, why }) => [
      who === 'app' ? 'the app' : scope === 'vault' ? 'who deploys' : 'operators',
      role,
      scopes[scope] ?? scope,
      isConditional ? 'when needed' : 'always',
      why,
    ]);
  });
  return `# Permissions

Written by \`npm run docs\` from \`src/identity/permissions.ts\` and \`infra/modules\`. What is granted with which parameters is in [infra/snapshot.md](../infra/snapshot.md).

## In Defender and Microsoft Graph

Application roles, granted to the app's identity, or to the Defender application when \`defenderCredential\` says so. A feature that is switched off grants nothing, and its functions are disabled. The delegated scope is what the same call needs for a signed-in person; the app never asks for one.

${formatTable([['feature', 'parameter', 'resource', 'application role', 'delegated scope', 'needed for'], ...granted])}

No role that writes alerts, machines or incidents is ever needed. The ids, for scripts:

${formatTable([['resource', 'its application id', 'application role', 'role id'], ...ids])}

## In Azure

Each is scoped to one resource; nothing is assigned on the resource group or above.

${formatTable([['who', 'role', 'on', 'given', 'needed for'], ...assigned])}

## In the API of this app

| role               | lets its holder                  |
| ------------------ | -------------------------------- |
| \`Defender.Read\`    | find devices and read operations |
| \`Defender.Respond\` | isolate and release devices      |
| \`Defender.Hunt\`    | run hunting queries              |
| \`Defender.Admin\`   | list what everybody asked for    |

The playbooks' identity gets the roles of the playbooks that are deployed, and none of a feature that is switched off. Everybody else gets a role in Entra, under Enterprise applications; without one Entra gives no token.
`;
}
