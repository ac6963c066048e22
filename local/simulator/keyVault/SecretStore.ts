import { randomUUID } from 'node:crypto';

/** One version of a secret. */
export interface SecretVersion {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly value: string;
  readonly createdMs: number;
  updatedMs: number;
  isEnabled: boolean;
  expiresMs?: number;
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The vault keeps it for a certificate of the same name. */
  readonly isManaged?: boolean;
}

/** What a new version may carry besides its value. */
export type SecretDetails = Partial<
  Pick<SecretVersion, 'expiresMs' | 'contentType' | 'tags' | 'isEnabled' | 'isManaged'>
>;

/** The secrets of the vault. The current version is the newest one, also when it is disabled. */
export class SecretStore {
  readonly #secrets = new Map<string, SecretVersion[]>();

  set(name: string, value: string, nowMs: number, details: SecretDetails = {}): SecretVersion {
    const made = {
      version: randomUUID().replaceAll('-', ''),
      value,
      createdMs: nowMs,
      updatedMs: nowMs,
      isEnabled: true,
      ...details,
    };
    const key = name.toLowerCase();
    this.#secrets.set(key, [...(this.#secrets.get(key) ?? []), made]);
    return made;
  }

  /** The current version when none is named; undefined when there is no such secret or version. */
  find(name: string, version?: string): SecretVersion | undefined {
    const versions = this.#secrets.get(name.toLowerCase()) ?? [];
    return version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
  }

  /** All versions, the oldest first; empty when there is no such secret. */
  listVersions(name: string): readonly SecretVersion[] {
    return this.#secrets.get(name.toLowerCase()) ?? [];
  }

  /** Removes the secret with all its versions; false when there is none. */
  remove(name: string): boolean {
    return this.#secrets.delete(name.toLowerCase());
  }
}
