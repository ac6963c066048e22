import { readFileSync } from 'node:fs';
import path from 'node:path';
import { evaluateTemplate, type DeployedResource, type DeployedTemplate } from './bicep/evaluateTemplate.ts';
import type { AzureName } from './bicep/functions.ts';
import { isList, isObject, toText, type Value, type ValueObject } from './bicep/Placeholder.ts';
import { permissions } from '../src/identity/permissions.ts';

/** What a deployment grants, sets and makes, each as lines for people. */
export interface Deployment {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly registrations: readonly string[];
  readonly settings: readonly string[];
  readonly resources: readonly string[];
}

/** Listed as permissions, and not as resources. */
const GRANTS = ['Microsoft.Graph/appRoleAssignedTo', 'Microsoft.Graph/oauth2PermissionGrants'];

/**
 * @param root the folder of the repository.
 * @throws Error when reading alone cannot tell, or the deployment refuses the parameters.
 */
export function describeDeployment(root: string, params: ValueObject, azure?: AzureName): Deployment {
  const file = path.join(root, 'infra', 'main.bicep');
  const template = evaluateTemplate(file, params, azure ? { azure } : {});
  const names = JSON.parse(readFileSync(path.join(root, 'infra', 'roles.json'), 'utf8')) as Record<
    string,
    string
  >;
  return {
    roles: template.resources
      .filter(isOf('Microsoft.Authorization/roleAssignments'))
      .map((one) => roleLine(one, names)),
    permissions: [...grantLines(template), ...scopeLines(template), ...apiRoleLines(template)],
    registrations: template.resources.flatMap(registrationLines),
    settings: settingLines(template),
    resources: template.resources
      .filter(({ type }) => !type.startsWith('Microsoft.Authorization/') && !GRANTS.includes(type))
      .map(({ type, name }) => `${type} ${name}`)
      .sort(),
  };
}

const isOf = (type: string) => (resource: DeployedResource) => resource.type === type;

const member = (value: Value | undefined, name: string): Value =>
  value !== undefined && isObject(value) ? (value[name] ?? null) : null;

function roleLine({ body }: DeployedResource, names: Readonly<Record<string, string>>): string {
  const id = toText(member(body.properties, 'roleDefinitionId'));
  const role = Object.entries(names).find(([, guid]) => guid === id)?.[0] ?? id;
  const scope = body.scope ?? null;
  return `${toText(member(body.properties, 'principalId'))}: ${role} on ${toText(member(scope, 'type'))} ${toText(member(scope, 'name'))}`;
}

/** What the app may do in Defender and Graph. */
function grantLines({ modules }: DeployedTemplate): readonly string[] {
  return modules
    .filter(({ file }) => file === 'modules/defenderGrants.bicep')
    .flatMap(({ params }) => {
      const resource = permissions.find(
        ({ resourceAppId }) => resourceAppId === params.resourceAppId,
      )?.resource;
      const roles = params.roles && isList(params.roles) ? params.roles : [];
      return roles.map(
        (role) => `${toText(params.principalId ?? null)}: ${toText(role)} of ${resource ?? 'unknown'}`,
      );
    });
}

/** What the app, and people at a terminal, may do on behalf of people. */
function scopeLines({ modules }: DeployedTemplate): readonly string[] {
  return modules
    .filter(({ file }) => file === 'modules/delegatedGrant.bicep')
    .flatMap(({ params }) => {
      const resource = permissions.find(
        ({ resourceAppId }) => resourceAppId === params.resourceAppId,
      )?.resource;
      const scopes = params.scopes && isList(params.scopes) ? params.scopes : [];
      return scopes.map(
        (scope) =>
          `${toText(params.principalId ?? null)}, on behalf of people: ${toText(scope)} of ${resource ?? 'unknown'}`,
      );
    });
}

/** What the playbooks may do in the API of this app. */
function apiRoleLines({ modules, resources }: DeployedTemplate): readonly string[] {
  const registration = modules.find(({ file }) => file === 'modules/apiRegistration.bicep')?.params;
  const isGranted = resources.some(
    ({ file, symbol }) => file === 'modules/apiRegistration.bicep' && symbol === 'playbooksGrants',
  );
  const roles = registration?.playbooksRoles;
  if (!isGranted || !roles || !isList(roles)) return [];
  return roles.map(
    (role) => `${toText(registration.playbooksPrincipalId ?? null)}: ${toText(role)} of the API`,
  );
}

/** Who may sign in as what, from where, and what proves it. */
function registrationLines({ file, type, name, body }: DeployedResource): readonly string[] {
  const list = (value: Value) => (isList(value) ? value : []);
  if (type === 'Microsoft.Graph/applications/federatedIdentityCredentials') {
    const audience = list(body.audiences ?? null).map(toText);
    return [
      `${name}: trusts ${toText(body.subject ?? null)} of ${toText(body.issuer ?? null)}, for ${audience.join()}`,
    ];
  }
  if (type === 'Microsoft.Graph/servicePrincipals') {
    const isClosed = body.appRoleAssignmentRequired === true;
    return [`${path.basename(file, '.bicep')}: for ${isClosed ? 'whoever is assigned' : 'everybody'}`];
  }
  if (type !== 'Microsoft.Graph/applications') return [];
  const clients = list(member(body.api, 'preAuthorizedApplications'));
  return [
    `${name}: ${toText(body.signInAudience ?? null)}${body.isFallbackPublicClient === true ? ', a public client' : ''}`,
    ...list(member(body.web, 'redirectUris')).map((url) => `${name}: comes back to ${toText(url)}`),
    ...clients.map((client) => `${name}: asks nobody who comes with ${toText(member(client, 'appId'))}`),
  ];
}

function settingLines({ resources }: DeployedTemplate): readonly string[] {
  const config = resources.find(({ file }) => file === 'modules/appSettings.bicep')?.body.properties;
  const settings = config !== undefined && isObject(config) ? Object.entries(config) : [];
  return settings.map(([name, value]) => `${name} = ${toText(value)}`);
}
