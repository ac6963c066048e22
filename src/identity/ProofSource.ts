import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { acquireWith } from './acquireWith.ts';
import { createManagedIdentity } from './createManagedIdentity.ts';
import { createKeyVaultReader } from './keyVaultSecret.ts';
import { readCertificate } from './readCertificate.ts';
import type { Registration } from './Registration.ts';
import { RotatingProof } from './RotatingProof.ts';
import { signAssertion } from './signAssertion.ts';

/** What an app registration shows to Entra once. */
export type Proof = { readonly clientSecret: string } | { readonly assertion: string };

/** Has an app registration prove itself, whatever by, and whatever for. */
export interface ProofSource {
  /**
   * Calls `attempt` with a proof for this tenant; once more with a newer one, where Entra refuses the first and the vault has it.
   * @throws what `attempt` throws, SecretUnavailable, CertificateUnusable, CredentialRefused, CredentialUnavailable
   */
  use<R>(tenantId: string, signal: AbortSignal, attempt: (proof: Proof) => Promise<R>): Promise<R>;
}

export interface ProofSourceInit {
  readonly application: ApplicationSettings;
  readonly registration: Registration;
  readonly identity: Pick<IdentitySettings, 'authorityHost' | 'managedIdentityClientId'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** By what the settings choose. One for all tenants: what is kept of the vault is shared by them. */
export function createProofSource(init: ProofSourceInit): ProofSource {
  const { application, registration, clock, logger } = init;
  const { authorityHost, managedIdentityClientId } = init.identity;
  const managedIdentity = createManagedIdentity(managedIdentityClientId);
  const { clientId, proof } = application;
  if (proof.kind === 'federated') {
    return {
      async use(_tenantId, signal, attempt) {
        const who =
          'as the managed identity, by which an app registration proves itself (FEDERATED_AUDIENCE, which follows from DEFENDER_CLOUD)';
        // The SDK keeps this token for as long as it lives.
        const { token } = await acquireWith(managedIdentity, { audience: proof.audience, who, signal });
        return await attempt({ assertion: token });
      },
    };
  }
  const setting =
    proof.kind === 'clientSecret' ? registration.secretSetting : registration.certificateSetting;
  const readSecret = createKeyVaultReader({
    vaultUrl: proof.vaultUrl,
    name: proof.name,
    setting,
    credential: managedIdentity,
  });
  if (proof.kind === 'clientSecret') {
    const read = async (signal: AbortSignal) => {
      const { value, version } = await readSecret(signal);
      return { version, material: value };
    };
    const rotating = new RotatingProof({ name: proof.name, read, clock, logger });
    return {
      use: (tenantId, signal, attempt) =>
        rotating.use(tenantId, signal, (clientSecret) => attempt({ clientSecret })),
    };
  }
  const read = async (signal: AbortSignal) => {
    const secret = await readSecret(signal);
    return { version: secret.version, material: await readCertificate(proof.name, secret) };
  };
  const rotating = new RotatingProof({ name: proof.name, read, clock, logger });
  return {
    use: (tenantId, signal, attempt) =>
      rotating.use(tenantId, signal, async (certificate) => {
        certificate.verifyDates(clock.now());
        const tokenUrl = `${authorityHost}/${tenantId}/oauth2/v2.0/token`;
        return await attempt({
          assertion: await signAssertion({ certificate, clientId, tokenUrl, now: clock.now() }),
        });
      }),
  };
}
