import { addCertificate, addSecret } from '../entra/credentials.ts';
import type { Registration } from '../entra/Principal.ts';
import { createCertificatePair } from './createCertificatePair.ts';
import type { SecretStore } from './SecretStore.ts';
import type { VaultCertificates } from './VaultCertificates.ts';

/** How long a client secret or a certificate lives unless told otherwise: Entra's own default for secrets. */
export const credentialLifetimeMs = 180 * 24 * 60 * 60 * 1000;

const hourMs = 60 * 60 * 1000;

/** What an application keeps in the vault, and under which names. */
export interface VaultOrder {
  readonly secrets: SecretStore;
  readonly certificates: VaultCertificates;
  readonly registration: Registration;
  readonly secretName: string;
  readonly certificateName: string;
}

/** Makes a secret and a certificate for an application and stores both. */
export async function fillVault(order: VaultOrder, nowMs: number): Promise<void> {
  const { secrets, certificates, registration, secretName, certificateName } = order;
  const expiresMs = nowMs + credentialLifetimeMs;
  const pair = await createCertificatePair(registration.displayName, nowMs - hourMs, expiresMs);
  addCertificate(registration, pair.certificate);
  certificates.set(certificateName, pair, nowMs);
  const secret = addSecret(registration, nowMs, credentialLifetimeMs);
  secrets.set(secretName, secret.value, nowMs, { expiresMs: secret.expiresMs });
}
