import { permissions, type PermittedFeature } from '../../src/identity/permissions.ts';
import type { GraphDirectory } from '../GraphDirectory.ts';
import { failed, off, ok, type Check, type Finding } from './Check.ts';
import { findResource } from './directoryChecks.ts';

export interface DelegatedSubject {
  readonly directory: GraphDirectory;
  /** The client id of the API registration; undefined when nothing is done on behalf of people. */
  readonly apiClientId: string | undefined;
  /** The client id as which people sign in at a terminal, if they do. */
  readonly terminalClientId: string | undefined;
  readonly features: readonly PermittedFeature[];
}

/** What every sign-in may bring, and what lets nobody do anything. */
const OF_SIGN_IN = ['openid', 'profile', 'email', 'offline_access'];

/** Whether the directory lets the app act on behalf of people as its features need, and no further. */
export function delegatedChecks(subject: DelegatedSubject): Check[] {
  const { apiClientId, terminalClientId, features } = subject;
  const reads = features.filter((feature) => feature.startsWith('read') || feature.startsWith('hunt'));
  return [
    {
      name: 'granted on behalf of people',
      run: async (signal) =>
        apiClientId === undefined
          ? off('nothing is done on behalf of people')
          : await compareScopes(
              subject,
              apiClientId,
              // Nobody pulls in person.
              features.filter((feature) => feature !== 'pullAlerts'),
              signal,
            ),
    },
    {
      name: 'granted to people at a terminal',
      run: async (signal) =>
        terminalClientId === undefined
          ? off('there is no public client')
          : await compareScopes(subject, terminalClientId, reads, signal),
    },
  ];
}

async function compareScopes(
  { directory }: DelegatedSubject,
  clientId: string,
  features: readonly PermittedFeature[],
  signal: AbortSignal,
): Promise<Finding> {
  const { id } = await directory.getServicePrincipal(clientId, signal);
  const grants = await directory.listPermissionGrants(id, signal);
  const missing: string[] = [];
  const extra: string[] = [];
  const held: string[] = [];
  for (const [resourceAppId, resource] of listResources()) {
    const wanted = permissions
      .filter((one) => one.resourceAppId === resourceAppId && features.includes(one.feature))
      .map(({ delegatedScope }) => delegatedScope);
    const found = await findResource(directory, resourceAppId, signal);
    const scopes = grants
      .filter(({ consentType, resourceId }) => consentType === 'AllPrincipals' && resourceId === found?.id)
      .flatMap(({ scope }) => scope.split(' ').filter((one) => one !== '' && !OF_SIGN_IN.includes(one)));
    const named = (scope: string) => `${scope} of ${resource}`;
    held.push(...scopes);
    missing.push(...new Set(wanted.filter((scope) => !scopes.includes(scope)).map(named)));
    extra.push(...scopes.filter((scope) => !wanted.includes(scope)).map(named));
  }
  if (missing.length > 0)
    return failed(`Missing: ${missing.join(', ')}. docs/deploy.md has the command that grants it.`);
  if (extra.length > 0) return failed(`More than its features need: ${extra.join(', ')}. Take it away.`);
  return held.length === 0 ? off('nothing is needed, and nothing is granted') : ok(held.join(', '));
}

function listResources(): ReadonlyMap<string, string> {
  return new Map(permissions.map(({ resourceAppId, resource }) => [resourceAppId, resource]));
}
