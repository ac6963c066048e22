import type { Cloud } from './clouds.ts';
import type { SettingsReader } from './SettingsReader.ts';

/** By what an app registration proves to be itself. */
export type ProofSettings =
  | {
      /** The token of the user-assigned identity, which the registration trusts. */
      readonly kind: 'federated';
      readonly audience: string;
    }
  | {
      /** Something that lies in the vault and is rotated there. */
      readonly kind: 'clientSecret' | 'clientCertificate';
      readonly vaultUrl: string;
      readonly name: string;
    };

export interface ApplicationSettings {
  readonly clientId: string;
  readonly proof: ProofSettings;
}

export interface IdentitySettings {
  /** The home tenant: a GUID, or a domain name. */
  readonly tenantId: string;
  readonly cloud: Cloud;
  readonly authorityHost: string;
  readonly managedIdentityClientId: string | undefined;
  /** Absent: the managed identity itself is the one that Defender knows. */
  readonly application: ApplicationSettings | undefined;
}

export function parseIdentity(reader: SettingsReader): IdentitySettings {
  // It has a default, so without a value it is wrong, and that is told once.
  const credential = reader.find('DEFENDER_CREDENTIAL') ?? 'managedIdentity';
  return {
    tenantId: reader.require('DEFENDER_TENANT_ID'),
    cloud: reader.require('DEFENDER_CLOUD'),
    authorityHost: reader.require('AZURE_AUTHORITY_HOST'),
    managedIdentityClientId: reader.find('AZURE_CLIENT_ID'),
    application:
      credential === 'managedIdentity'
        ? undefined
        : {
            clientId: reader.require('DEFENDER_CLIENT_ID'),
            proof: parseProof(reader, credential, {
              clientSecret: 'DEFENDER_SECRET_NAME',
              clientCertificate: 'DEFENDER_CERTIFICATE_NAME',
            }),
          },
  };
}

/**
 * The API registration, which exchanges the tokens of people for tokens of Defender. Undefined where that is switched off,
 * or where nothing says which registration it is: then people are refused.
 */
export function parseOnBehalfOf(
  reader: SettingsReader,
  audiences: readonly string[],
): ApplicationSettings | undefined {
  const credential = reader.find('ON_BEHALF_OF_CREDENTIAL') ?? 'off';
  const clientId = reader.find('ON_BEHALF_OF_CLIENT_ID') ?? audiences.find((one) => !one.includes(':'));
  if (credential === 'off' || clientId === undefined) return undefined;
  const proof = parseProof(reader, credential, {
    clientSecret: 'ON_BEHALF_OF_SECRET_NAME',
    clientCertificate: 'ON_BEHALF_OF_CERTIFICATE_NAME',
  });
  return { clientId, proof };
}

interface VaultNames {
  readonly clientSecret: 'DEFENDER_SECRET_NAME' | 'ON_BEHALF_OF_SECRET_NAME';
  readonly clientCertificate: 'DEFENDER_CERTIFICATE_NAME' | 'ON_BEHALF_OF_CERTIFICATE_NAME';
}

function parseProof(reader: SettingsReader, kind: ProofSettings['kind'], names: VaultNames): ProofSettings {
  if (kind === 'federated') return { kind, audience: reader.require('FEDERATED_AUDIENCE') };
  return { kind, vaultUrl: parseVaultUrl(reader), name: reader.require(names[kind]) };
}

function parseVaultUrl(reader: SettingsReader): string {
  const name = reader.find('KEY_VAULT_NAME');
  const url = reader.find('KEY_VAULT_URL') ?? (name && `https://${name}.${reader.endpoints.vaultSuffix}`);
  if (url === undefined) reader.fault('KEY_VAULT_URL is missing; set it, or KEY_VAULT_NAME');
  return url ?? '';
}
