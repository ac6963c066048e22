import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { createManagedIdentity } from './createManagedIdentity.ts';
import { createKeyVaultReader } from './keyVaultSecret.ts';
import { readCertificate } from './readCertificate.ts';
import { defenderRegistration, onBehalfOfRegistration, type Registration } from './Registration.ts';
import type { ReadSecret } from './SecretReader.ts';

/** When something that lies in the vault ends. */
export interface CredentialExpiry {
  /** Its name in the vault. */
  readonly name: string;
  readonly kind: 'clientSecret' | 'clientCertificate';
  /** What stops then. */
  readonly usedFor: Registration['usedFor'];
  /** Milliseconds since the Unix epoch; undefined for a secret without a date in the vault. */
  readonly expiresOn: number | undefined;
  /** Whole days; negative once it has expired. */
  readonly daysLeft: number | undefined;
  /** Which notice is due: so many days or fewer are left, 0 when it has expired. */
  readonly notice: 30 | 7 | 1 | 0 | undefined;
}

export interface WatchedCredential extends Pick<CredentialExpiry, 'name' | 'kind' | 'usedFor'> {
  readonly read: ReadSecret;
}

const DAY_MS = 86_400_000;
/** Dates in a vault change when somebody rotates, and who asks for the health of the app asks often. */
const KEPT_MS = 60 * 60_000;

interface KeptDate {
  readonly at: number;
  readonly date: Promise<number | undefined>;
}

/** Watches when the secrets and certificates in use expire, so that nobody is woken by it. */
export class CredentialWatch {
  readonly #watched: readonly WatchedCredential[];
  readonly #clock: Clock;
  readonly #kept = new Map<WatchedCredential, KeptDate>();

  constructor(watched: readonly WatchedCredential[], clock: Clock) {
    this.#watched = watched;
    this.#clock = clock;
  }

  /**
   * What the vault says, or said within the last hour. Empty where nothing lies in a vault.
   * @throws SecretUnavailable, CertificateUnusable, CredentialRefused, CredentialUnavailable
   */
  async read(signal: AbortSignal): Promise<readonly CredentialExpiry[]> {
    return await Promise.all(this.#watched.map((one) => this.#look(one, signal)));
  }

  /**
   * Logs each one that is about to expire, or has expired. One that cannot be read does not hide the others.
   * @throws as `read`, when all others are logged
   */
  async log(logger: Logger, signal: AbortSignal): Promise<void> {
    const looks = await Promise.allSettled(this.#watched.map((one) => this.#look(one, signal)));
    for (const look of looks) if (look.status === 'fulfilled') logExpiry(look.value, logger);
    const failed = looks.find((look) => look.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #look(one: WatchedCredential, signal: AbortSignal): Promise<CredentialExpiry> {
    const { name, kind, usedFor } = one;
    return { name, kind, usedFor, ...describe(await this.#dateOf(one, signal), this.#clock.now()) };
  }

  /** One look for all who ask at the same time; a failure is not kept. */
  async #dateOf(one: WatchedCredential, signal: AbortSignal): Promise<number | undefined> {
    const now = this.#clock.now();
    const kept = this.#kept.get(one);
    if (kept && now - kept.at < KEPT_MS) return await kept.date;
    const look = { at: now, date: readDate(one, signal) };
    this.#kept.set(one, look);
    try {
      return await look.date;
    } catch (error) {
      if (this.#kept.get(one) === look) this.#kept.delete(one);
      throw error;
    }
  }
}

/** Of whatever the settings keep in a vault. */
export function createCredentialWatch(
  identity: IdentitySettings,
  onBehalfOf: ApplicationSettings | undefined,
  clock: Clock,
): CredentialWatch {
  const credential = createManagedIdentity(identity.managedIdentityClientId);
  const watch = (
    application: ApplicationSettings | undefined,
    registration: Registration,
  ): WatchedCredential[] => {
    if (!application || application.proof.kind === 'federated') return [];
    const { kind, name, vaultUrl } = application.proof;
    const setting = kind === 'clientSecret' ? registration.secretSetting : registration.certificateSetting;
    const read = createKeyVaultReader({ vaultUrl, name, setting, credential });
    return [{ name, kind, usedFor: registration.usedFor, read }];
  };
  return new CredentialWatch(
    [...watch(identity.application, defenderRegistration), ...watch(onBehalfOf, onBehalfOfRegistration)],
    clock,
  );
}

/** The vault's own date, or else that of the certificate. A secret's value is of no interest here. */
async function readDate(
  { name, kind, read }: WatchedCredential,
  signal: AbortSignal,
): Promise<number | undefined> {
  const secret = await read(signal);
  if (secret.expiresOn !== undefined || kind === 'clientSecret') return secret.expiresOn;
  return (await readCertificate(name, secret)).notAfter;
}

function describe(
  expiresOn: number | undefined,
  now: number,
): Pick<CredentialExpiry, 'expiresOn' | 'daysLeft' | 'notice'> {
  if (expiresOn === undefined) return { expiresOn, daysLeft: undefined, notice: undefined };
  const left = expiresOn - now;
  const due = left <= 0 ? 0 : ([1, 7, 30] as const).find((days) => left <= days * DAY_MS);
  return { expiresOn, daysLeft: Math.floor(left / DAY_MS), notice: due };
}

function logExpiry({ name, usedFor, expiresOn, daysLeft, notice }: CredentialExpiry, logger: Logger): void {
  if (notice === undefined || expiresOn === undefined) return;
  const expires = new Date(expiresOn).toISOString();
  const fields = { name, usedFor, expires, daysLeft, notice };
  if (notice === 30) logger.warn('credential_expires', fields);
  else logger.error('credential_expires', fields);
}
