import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { systemClock } from '../src/runtime/Clock.ts';
import { isLoopback } from '../src/settings/settingTypes.ts';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { CertificateRotation } from './CertificateRotation.ts';
import { GraphDirectory } from './GraphDirectory.ts';
import { readCloud } from './readCloud.ts';
import { requireValues } from './readDeployment.ts';
import type { Rotated } from './rotated.ts';
import type { Rotation } from './Rotation.ts';
import { SecretRotation } from './SecretRotation.ts';
import { untilSecretAccepted } from './untilSecretAccepted.ts';
import { VaultCertificates } from './VaultCertificates.ts';

/** The rotation of one secret or certificate, with the operator's sign-in. @throws UsageError */
export function createRotation(
  deployment: Environment,
  { kind, clientId, name }: Rotated,
  credential: TokenCredential,
): Rotation {
  const { KEY_VAULT_URL, DEFENDER_TENANT_ID } = requireValues(
    deployment,
    'KEY_VAULT_URL',
    'DEFENDER_TENANT_ID',
  );
  const vaultUrl = KEY_VAULT_URL.replace(/\/+$/, '');
  const endpoints = readCloud(deployment);
  const clock = systemClock;
  const directory = new GraphDirectory({ url: endpoints.graphUrl, credential, clock });
  if (kind === 'clientCertificate') {
    const audience = `https://${endpoints.vaultSuffix}`;
    const vault = new VaultCertificates({ url: vaultUrl, audience, credential, clock });
    return new CertificateRotation({ directory, vault, clientId, certificateName: name, clock });
  }
  return new SecretRotation({
    directory,
    vault: new SecretClient(vaultUrl, credential, {
      disableChallengeResourceVerification: isLoopback(new URL(vaultUrl)),
    }),
    clientId,
    secretName: name,
    untilAccepted: untilSecretAccepted({
      tenantId: DEFENDER_TENANT_ID,
      clientId,
      authorityHost: endpoints.authorityHost,
      audience: endpoints.graphAudience,
      clock,
    }),
    clock,
  });
}
