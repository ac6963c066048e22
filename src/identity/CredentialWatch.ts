import type { Clock } from '../runtime/Clock.ts';
import type { Logger } from '../runtime/Logger.ts';
import type { ApplicationSettings, IdentitySettings } from '../settings/parseIdentity.ts';
import { createManagedIdentity } from './createManagedIdentity.ts';
import { createKeyVaultReader } from './keyVaultSecret.ts';
import { readCertificate } from './readCertificate.ts';
import { defenderRegistration, onBehalfOfRegistration, type Registration } from './Registration.ts';
import type { ReadSecret, Secret } from './SecretReader.ts';

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

/** Watches when the secrets and certificates in use expire, so that nobody is woken by it. */
export class CredentialWatch {
  readonly #watched: readonly WatchedCredential[];
  readonly #clock: Clock;
  #known: { readonly at: number; readonly dates: readonly (number | undefined)[] } | undefined;
  #reading: Promise<readonly (number | undefined)[]> | undefined;

  constructor(watched: readonly WatchedCredential[], clock: Clock) {
    this.#watched = watched;
    this.#clock = clock;
  }

  /**
   * What the vault says, or said within the last hour. Empty where nothing lies in a vault.
   * @throws SecretUnavailable, CertificateUnusable, CredentialRefused, CredentialUnavailable
   */
  async read(signal: AbortSignal): Promise<readonly CredentialExpiry[]> {
    const now = this.#clock.now();
    const { at, dates } = this.#known ?? {};
    const isFresh = at !== undefined && now - at < KEPT_MS;
    const known = isFresh && dates ? dates : await this.#readDates(signal);
    return this.#watched.map(({ name, kind, usedFor }, index) => ({
      name,
      kind,
      usedFor,
      ...describe(known[index], now),
    }));
  }

  /** Logs each one that is about to expire, or has expired. @throws as `read` */
  async log(logger: Logger, signal: AbortSignal): Promise<void> {
    for (const { name, usedFor, expiresOn, daysLeft, notice } of await this.read(signal)) {
      if (notice === undefined || expiresOn === undefined) continue;
      const expires = new Date(expiresOn).toISOString();
      const fields = { name, usedFor, expires, daysLeft, notice };
      if (notice === 30) logger.warn('credential_expires', fields);
      else logger.error('credential_expires', fields);
    }
  }

  /** One look for all who ask at the same time. */
  #readDates(signal: AbortSignal): Promise<readonly (number | undefined)[]> {
    this.#reading ??= Promise.all(this.#watched.map((one) => readDate(one, signal)))
      .then((dates) => {
        this.#known = { at: this.#clock.now(), dates };
        return dates;
      })
      .finally(() => (this.#reading = undefined));
    return this.#reading;
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
async function readDate({ name, kind, read }: WatchedCredential, signal: AbortSignal) {
  const secret: Secret = await read(signal);
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
