import { permissions, type PermittedFeature } from '../../src/identity/permissions.ts';
import type { GraphDirectory } from '../GraphDirectory.ts';
import { GraphRefused } from '../GraphRefused.ts';
import { failed, off, ok, unknown, type Check, type Finding } from './Check.ts';

export interface DirectorySubject {
  readonly directory: GraphDirectory;
  /** The client id of the identity that the function app runs as. */
  readonly identityClientId: string | undefined;
  /** The client id of the Defender application, where the app signs in as one. */
  readonly applicationClientId: string | undefined;
  readonly features: readonly PermittedFeature[];
}

/** Whether the directory knows who the app is, and has granted it what its features need and nothing more. */
export function directoryChecks(subject: DirectorySubject): Check[] {
  const { directory, identityClientId, applicationClientId } = subject;
  const exists =
    (clientId: string | undefined, missing: string) =>
    async (signal: AbortSignal): Promise<Finding> => {
      if (!clientId) return unknown(missing);
      try {
        const { displayName, id } = await directory.getServicePrincipal(clientId, signal);
        return ok(`${displayName}, object id ${id}`);
      } catch (error) {
        if (error instanceof GraphRefused && error.status === 404)
          return failed(`Entra does not know the client id ${clientId} in this tenant.`);
        throw error;
      }
    };
  const resources = new Map(permissions.map(({ resourceAppId, resource }) => [resourceAppId, resource]));
  return [
    { name: 'identity of the app', run: exists(identityClientId, 'APP_IDENTITY_CLIENT_ID is not known.') },
    ...(applicationClientId === undefined
      ? []
      : [{ name: 'Defender application', run: exists(applicationClientId, '') }]),
    ...[...resources].map(([resourceAppId, resource]) => ({
      name: `granted on ${resource}`,
      run: (signal: AbortSignal) => compareGrants(subject, resourceAppId, signal),
    })),
  ];
}

async function compareGrants(
  { directory, identityClientId, applicationClientId, features }: DirectorySubject,
  resourceAppId: string,
  signal: AbortSignal,
): Promise<Finding> {
  const holder = applicationClientId ?? identityClientId;
  if (!holder) return unknown('APP_IDENTITY_CLIENT_ID is not known.');
  const wanted = permissions
    .filter((one) => one.resourceAppId === resourceAppId && features.includes(one.feature))
    .map(({ role }) => role)
    // Two features may need the same.
    .filter((role, index, all) => all.indexOf(role) === index);
  const { id } = await directory.getServicePrincipal(holder, signal);
  const assignments = await directory.listAppRoleAssignments(id, signal);
  const resource = await findResource(directory, resourceAppId, signal);
  if (!resource) {
    if (wanted.length === 0) return off('not needed, and not in this tenant');
    return failed('The tenant does not have it: is Defender licensed there?');
  }
  const held = assignments
    .filter(({ resourceId }) => resourceId === resource.id)
    .map(({ appRoleId }) => resource.appRoles.find((role) => role.id === appRoleId)?.value ?? appRoleId);
  const missing = wanted.filter((role) => !held.includes(role));
  const extra = held.filter((role) => !wanted.includes(role));
  if (missing.length > 0)
    return failed(`Missing: ${missing.join(', ')}. docs/deploy.md has the command that grants it.`);
  if (extra.length > 0) return failed(`More than its features need: ${extra.join(', ')}. Take it away.`);
  return wanted.length === 0 ? off('nothing is needed, and nothing is granted') : ok(wanted.join(', '));
}

/** Undefined when the tenant does not have it. @throws GraphRefused */
export async function findResource(directory: GraphDirectory, appId: string, signal: AbortSignal) {
  try {
    return await directory.getServicePrincipal(appId, signal);
  } catch (error) {
    if (error instanceof GraphRefused && error.status === 404) return undefined;
    throw error;
  }
}
