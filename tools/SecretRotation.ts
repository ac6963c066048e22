import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { readStorageFailure } from '../src/storage/StorageError.ts';
import type { Clock } from '../src/runtime/Clock.ts';
import type { GraphDirectory } from './GraphDirectory.ts';
import { findReplaced, OWN_NAME, type CredentialInfo, type Rotation } from './Rotation.ts';
import { UsageError } from './runCommand.ts';
import { VaultRefused } from './VaultRefused.ts';

export interface SecretRotationInit {
  readonly directory: GraphDirectory;
  readonly vault: Pick<
    SecretClient,
    'setSecret' | 'listPropertiesOfSecretVersions' | 'updateSecretProperties'
  >;
  /** The client id of the application. */
  readonly clientId: string;
  readonly secretName: string;
  /** Resolves when Entra takes the new secret. @throws when it does not. */
  readonly untilAccepted: (secretText: string, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

/**
 * Makes client secrets of an application and puts them into Key Vault.
 *
 * Invariant: a value is known to this process only, and only until it is in the vault; it is in no message and no error.
 * A secret that could not be stored is removed again. The one before stays valid for the grace period, so that
 * instances of the app that still hold it go on; they read the new one when Entra refuses theirs.
 */
export class SecretRotation implements Rotation {
  readonly #init: SecretRotationInit;

  constructor(init: SecretRotationInit) {
    this.#init = init;
  }

  /** The secret whose value is the newest version in the vault, unless the application has it no more. */
  async findCurrent(signal: AbortSignal): Promise<CredentialInfo | undefined> {
    const { directory, clientId } = this.#init;
    const [newest] = await this.#listVersions(signal);
    const { passwordCredentials } = await directory.getApplication(clientId, signal);
    if (newest?.enabled !== true) return undefined;
    const keyId = newest.tags?.keyId;
    if (keyId === undefined) return { keyId, expiresOn: newest.expiresOn };
    const password = passwordCredentials.find((one) => one.keyId === keyId);
    return password && { keyId, expiresOn: new Date(password.endDateTime) };
  }

  /** Makes a secret and stores it as the newest version. @throws UsageError, and then nothing has changed. */
  async rotate(lifetimeMs: number, signal: AbortSignal): Promise<CredentialInfo> {
    const { directory, vault, clientId, secretName, untilAccepted, clock } = this.#init;
    const endDateTime = new Date(clock.now() + lifetimeMs).toISOString();
    const made = await directory.addPassword(clientId, { displayName: OWN_NAME, endDateTime }, signal);
    const expiresOn = new Date(made.endDateTime);
    try {
      await untilAccepted(made.secretText, signal);
      await vault.setSecret(secretName, made.secretText, {
        expiresOn,
        contentType: 'Client secret of an Entra application',
        tags: { keyId: made.keyId, clientId },
        abortSignal: signal,
      });
    } catch (error) {
      // Its cause is left out on purpose: what went wrong happened with the value at hand.
      const problem = error instanceof UsageError ? error : toVaultError('Set secret', secretName, error);
      await this.#takeBack(made.keyId, problem);
      throw problem;
    }
    return { keyId: made.keyId, expiresOn };
  }

  /**
   * Removes secrets that were made here and replaced longer ago than the grace period, and disables their versions in
   * the vault. @returns how many were removed.
   */
  async removeReplaced(current: CredentialInfo, graceMs: number, signal: AbortSignal): Promise<number> {
    const { directory, vault, clientId, secretName, clock } = this.#init;
    const { passwordCredentials } = await directory.getApplication(clientId, signal);
    const replaced = findReplaced(
      passwordCredentials,
      ({ keyId }) => keyId === current.keyId,
      clock.now() - graceMs,
    );
    for (const { keyId } of replaced) await directory.removePassword(clientId, keyId, signal);
    const gone = new Set(replaced.map(({ keyId }) => keyId));
    for (const { version, tags, enabled } of await this.#listVersions(signal)) {
      if (!version || enabled === false || !gone.has(tags?.keyId ?? '')) continue;
      await vault
        .updateSecretProperties(secretName, version, { enabled: false, abortSignal: signal })
        .catch((error: unknown) => {
          throw toVaultError('Disable secret', secretName, error);
        });
    }
    return replaced.length;
  }

  /** Also when the command was interrupted: what nobody knows must not stay valid. */
  async #takeBack(keyId: string, problem: Error): Promise<void> {
    const { directory, clientId } = this.#init;
    try {
      await directory.removePassword(clientId, keyId, AbortSignal.timeout(30_000));
    } catch {
      throw new UsageError(
        `${problem.message} The secret with key id ${keyId} could not be removed again: remove it in the portal.`,
      );
    }
  }

  /** The newest first. */
  async #listVersions(signal: AbortSignal): Promise<SecretProperties[]> {
    const { vault, secretName } = this.#init;
    const versions: SecretProperties[] = [];
    try {
      for await (const version of vault.listPropertiesOfSecretVersions(secretName, { abortSignal: signal }))
        versions.push(version);
    } catch (error) {
      const problem = toVaultError('List versions of secret', secretName, error);
      if (problem.status === 404) return [];
      throw problem;
    }
    // Times are whole seconds; of equal ones the later listed counts as newer.
    return versions.reverse().sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0));
  }
}

function toVaultError(operation: string, secretName: string, error: unknown): VaultRefused {
  const { status, serviceCode } = readStorageFailure(error);
  return new VaultRefused({
    operation: `${operation} '${secretName}'`,
    status,
    code: serviceCode,
    role: 'Key Vault Secrets Officer',
  });
}
