import type {
  ApplicationSettings,
  IdentitySettings,
  ProofSettings,
} from '../../../src/settings/parseIdentity.ts';
import type { TestSimulator } from '../../local/simulator/startTestSimulator.ts';

/** Settings that point at a simulator, by how the app proves itself. */
export function identityOf(
  simulator: TestSimulator,
  kind: 'managedIdentity' | ProofSettings['kind'],
  changes: Partial<IdentitySettings> = {},
): IdentitySettings {
  const { company, urls } = simulator;
  const application: ApplicationSettings | undefined =
    kind === 'managedIdentity'
      ? undefined
      : {
          clientId: company.defenderClientId,
          proof: proofOf(simulator, kind, {
            clientSecret: company.secretName,
            clientCertificate: company.certificateName,
          }),
        };
  return {
    tenantId: company.tenantId,
    cloud: 'global',
    authorityHost: urls.entra,
    // A system-assigned identity cannot stand behind an app registration.
    managedIdentityClientId: kind === 'federated' ? company.userAssignedClientId : undefined,
    application,
    ...changes,
  };
}

/** The API registration, which exchanges the tokens of people. */
export function apiOf(simulator: TestSimulator, kind: ProofSettings['kind']): ApplicationSettings {
  const { company } = simulator;
  const names = { clientSecret: company.apiSecretName, clientCertificate: company.apiCertificateName };
  return { clientId: company.apiClientId, proof: proofOf(simulator, kind, names) };
}

function proofOf(
  { company, urls }: TestSimulator,
  kind: ProofSettings['kind'],
  names: { readonly clientSecret: string; readonly clientCertificate: string },
): ProofSettings {
  return kind === 'federated'
    ? { kind, audience: company.exchangeAudience }
    : { kind, vaultUrl: urls.keyVault, name: names[kind] };
}

/** Everything about an error that may end up where people see it. */
export function shownOf(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    parts.push(current.message, current.stack ?? '', JSON.stringify(current));
  }
  return parts.join('\n');
}
