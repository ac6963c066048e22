import type { Environment } from '../src/settings/SettingsReader.ts';
import { requireValues } from './readDeployment.ts';

/** A secret or certificate that a deployment signs in with. */
export interface Rotated {
  /** The application that Defender knows, or the registration of the API. */
  readonly of: 'defender' | 'api';
  readonly kind: 'clientSecret' | 'clientCertificate';
  /** How messages call it. */
  readonly noun: string;
  readonly clientId: string;
  /** Its name in the vault. */
  readonly name: string;
}

/** By which values a deployment tells what it keeps in the vault. */
const sources = [
  {
    of: 'defender',
    credential: 'DEFENDER_CREDENTIAL',
    clientId: 'DEFENDER_CLIENT_ID',
    kinds: {
      clientSecret: { name: 'DEFENDER_SECRET_NAME', noun: 'client secret' },
      clientCertificate: { name: 'DEFENDER_CERTIFICATE_NAME', noun: 'certificate' },
    },
  },
  {
    of: 'api',
    credential: 'ON_BEHALF_OF_CREDENTIAL',
    clientId: 'ON_BEHALF_OF_CLIENT_ID',
    kinds: {
      clientSecret: { name: 'ON_BEHALF_OF_SECRET_NAME', noun: 'client secret of the API' },
      clientCertificate: { name: 'ON_BEHALF_OF_CERTIFICATE_NAME', noun: 'certificate of the API' },
    },
  },
] as const;

/**
 * What the deployment keeps in its vault to sign in with. One that does not say how it signs in to Defender is taken
 * for one with a secret, as its other values then show.
 * @throws UsageError naming values that are missing.
 */
export function listRotated(deployment: Environment): readonly Rotated[] {
  return sources.flatMap(({ of, credential, clientId, kinds }): Rotated[] => {
    const kind = deployment[credential] ?? (of === 'defender' ? 'clientSecret' : 'off');
    // Without a client id nothing is done on behalf of people, whatever the credential would be.
    const isUsed = of === 'defender' || Boolean(deployment[clientId]?.trim());
    if (!isUsed || (kind !== 'clientSecret' && kind !== 'clientCertificate')) return [];
    const { name, noun } = kinds[kind];
    const known = requireValues(deployment, 'DEFENDER_TENANT_ID', clientId, name, 'KEY_VAULT_URL');
    return [{ of, kind, noun, clientId: known[clientId], name: known[name] }];
  });
}

/** How the deployment signs in, for a message. */
export function describeCredentials(deployment: Environment): string {
  const said = sources.map(({ credential }) => `${credential} is ${deployment[credential] ?? 'not set'}`);
  return `${said.join(', ')}.`;
}
