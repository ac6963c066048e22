import type { Clock } from '../src/runtime/Clock.ts';
import type { GraphDirectory, KeyCredential } from './GraphDirectory.ts';
import { findReplaced, OWN_NAME, type CredentialInfo, type Rotation } from './Rotation.ts';
import type { CertificateBundle, VaultCertificates } from './VaultCertificates.ts';

export interface CertificateRotationInit {
  readonly directory: GraphDirectory;
  readonly vault: Pick<VaultCertificates, 'create' | 'get' | 'listVersions' | 'disable'>;
  /** The client id of the application. */
  readonly clientId: string;
  readonly certificateName: string;
  readonly clock: Clock;
}

const MONTH_MS = 30 * 24 * 60 * 60_000;

/**
 * Lets Key Vault make certificates and tells the application their public part.
 *
 * Invariant: the private key is never here; only the vault and the app have it. A run that was interrupted between the
 * two is finished by the next one, which tells the application the newest version instead of making another. The one
 * before stays valid for the grace period, for instances of the app that still hold it.
 */
export class CertificateRotation implements Rotation {
  readonly #init: CertificateRotationInit;

  constructor(init: CertificateRotationInit) {
    this.#init = init;
  }

  async findCurrent(signal: AbortSignal): Promise<CredentialInfo | undefined> {
    const newest = await this.#findNewest(signal);
    const keys = await this.#init.directory.listKeys(this.#init.clientId, signal);
    const key = newest && keys.find(isSame(newest.certificate));
    return newest && key && { keyId: key.keyId, expiresOn: new Date(newest.expires) };
  }

  /** @param lifetimeMs counted in whole months of 30 days, one at least. */
  async rotate(lifetimeMs: number, signal: AbortSignal): Promise<CredentialInfo> {
    const { directory, vault, clientId, certificateName, clock } = this.#init;
    const keys = await directory.listKeys(clientId, signal);
    const newest = await this.#findNewest(signal);
    const isUnfinished =
      newest !== undefined && newest.expires > clock.now() && !keys.some(isSame(newest.certificate));
    // Writes back what is there: without the right to, no certificate is made that the application would not know.
    if (!isUnfinished) await directory.setKeys(clientId, keys, signal);
    const months = Math.max(1, Math.floor(lifetimeMs / MONTH_MS));
    const made = isUnfinished ? newest : await vault.create(certificateName, months, signal);
    await directory.setKeys(clientId, [...keys, toKey(made)], signal);
    return { keyId: undefined, expiresOn: new Date(made.expires) };
  }

  async removeReplaced(_: CredentialInfo, graceMs: number, signal: AbortSignal): Promise<number> {
    const { directory, vault, clientId, certificateName, clock } = this.#init;
    const newest = await this.#findNewest(signal);
    const keys = await directory.listKeys(clientId, signal);
    const replaced = newest ? findReplaced(keys, isSame(newest.certificate), clock.now() - graceMs) : [];
    if (replaced.length === 0) return 0;
    const kept = keys.filter((key) => !replaced.includes(key));
    await directory.setKeys(clientId, kept, signal);
    for (const { version, enabled } of await vault.listVersions(certificateName, signal)) {
      if (!enabled) continue;
      const { certificate } = await vault.get(certificateName, version, signal);
      if (replaced.some(isSame(certificate))) await vault.disable(certificateName, version, signal);
    }
    return replaced.length;
  }

  async #findNewest(signal: AbortSignal): Promise<CertificateBundle | undefined> {
    const { vault, certificateName } = this.#init;
    const [newest] = await vault.listVersions(certificateName, signal);
    return newest?.enabled === true ? await vault.get(certificateName, newest.version, signal) : undefined;
  }
}

/** By the bytes: in which form Graph gives thumbprints back differs by who set them. */
function isSame(certificate: string): (key: KeyCredential) => boolean {
  const bytes = Buffer.from(certificate, 'base64');
  return ({ key }) => key !== null && Buffer.from(key, 'base64').equals(bytes);
}

function toKey({ certificate, notBefore, expires }: CertificateBundle): KeyCredential {
  return {
    displayName: OWN_NAME,
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: certificate,
    startDateTime: new Date(notBefore).toISOString(),
    endDateTime: new Date(expires).toISOString(),
  };
}
