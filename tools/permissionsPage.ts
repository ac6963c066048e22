import { permissions, type PermittedFeature } from '../src/identity/permissions.ts';
import { formatTable } from './formatTable.ts';
import { readRoleAssignments } from './readRoleAssignments.ts';

/** By which parameter of infra/main.bicep each is switched, and how it is called. */
const features: Readonly<Record<PermittedFeature, { readonly title: string; readonly parameter: string }>> = {
  pullAlerts: { title: 'pull alerts', parameter: '`pullAlerts`' },
  actOnDevices: { title: 'isolate and release devices', parameter: '`actOnDevices`' },
  readAlertsFromEndpoint: { title: 'read alerts for callers', parameter: "`alertsApi` = `'endpoint'`" },
  readAlertsFromGraph: { title: 'read alerts for callers', parameter: "`alertsApi` = `'graph'`" },
  readIncidentsFromGraph: { title: 'read incidents for callers', parameter: "`incidentsApi` = `'graph'`" },
  readIncidentsFromXdr: { title: 'read incidents for callers', parameter: "`incidentsApi` = `'xdr'`" },
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
    // Nobody pulls in person.
    feature === 'pullAlerts' ? '' : `\`${delegatedScope}\``,
    why,
  ]);
  const ids = permissions
    .filter(({ role }, index) => permissions.findIndex((other) => other.role === role) === index)
    .map(({ resource, resourceAppId, role, roleId }) => [
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

Application roles are granted to the app's identity or, with every other \`defenderCredential\` than \`managedIdentity\`, to the Defender application: they are what the app may do by itself, in the pull and for applications that call. Delegated scopes are granted to the registration of the API, for everybody who may call it: they are what the app may do on behalf of a person, within that person's own roles and device groups in Defender. With \`onBehalfOfCredential\` = \`'off'\`, with function keys and for another tenant's Defender, none is granted and people are refused. A feature that is switched off grants nothing, and its functions are disabled.

${formatTable([['feature', 'parameter', 'resource', 'application role', 'delegated scope', 'needed for'], ...granted])}

With \`deployTerminalClient\`, the public client of \`npm run defender\` is granted the delegated scopes of reading and hunting, and none of actions: at a terminal there are no guards.

No role or scope that writes alerts, machines or incidents is ever needed; one that does is enough where it is held already. The deployment looks all of them up by name, because ids differ between clouds. Those of the global cloud, to compare:

${formatTable([['resource', 'its application id', 'application role', 'role id'], ...ids])}

## In Azure

Each is scoped to one resource; nothing is assigned on the resource group or above.

${formatTable([['who', 'role', 'on', 'given', 'needed for'], ...assigned])}

## In the API of this app

${formatTable([
  ['role', 'lets its holder'],
  ['`Defender.Read`', 'find devices, and read alerts, incidents and operations'],
  ['`Defender.Respond`', 'isolate and release devices'],
  ['`Defender.Hunt`', 'run hunting queries'],
  ['`Defender.Admin`', 'list what everybody asked for, and ask what is set up (`GET /api/access`)'],
])}

For a person the role is not enough: Defender decides as well, by the person's own role there.

The playbooks' identity gets the roles of the playbooks that are deployed, and none of a feature that is switched off. Everybody else gets a role in Entra, under Enterprise applications; without one Entra gives no token.
`;
}
