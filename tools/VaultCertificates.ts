import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../src/runtime/Clock.ts';
import { RestClient } from './RestClient.ts';
import { UsageError } from './runCommand.ts';
import { VaultRefused } from './VaultRefused.ts';

/** One version of a certificate. */
export interface CertificateVersion {
  readonly version: string;
  readonly enabled: boolean;
  /** Instants are milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** A version with its public part. */
export interface CertificateBundle extends CertificateVersion {
  /** In DER, as base64. */
  readonly certificate: string;
  readonly notBefore: number;
  readonly expires: number;
}

export interface VaultCertificatesInit {
  /** Where the vault is reached, without a closing slash. */
  readonly url: string;
  /** What its tokens are for, such as `https://vault.azure.net`. */
  readonly audience: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
}

interface Attributes {
  readonly enabled: boolean;
  readonly nbf: number;
  readonly exp: number;
  readonly created: number;
}

interface CertificateItem {
  readonly id: string;
  readonly attributes: Attributes;
}

const VERSION = 'api-version=7.4';
const PAUSE_MS = 2_000;

/**
 * The few calls about certificates that a rotation makes. The private key never leaves the vault on this way: these
 * calls, and the role that allows them, give out the public part only.
 *
 * Every method throws VaultRefused. Source: https://learn.microsoft.com/rest/api/keyvault/certificates
 */
export class VaultCertificates {
  readonly #client: RestClient;
  readonly #clock: Clock;

  constructor({ url, audience, credential, clock }: VaultCertificatesInit) {
    this.#clock = clock;
    this.#client = new RestClient({
      url,
      scope: `${audience}/.default`,
      credential,
      clock,
      requestIdHeader: 'x-ms-request-id',
      toError: (call) => new VaultRefused({ ...call, role: 'Key Vault Certificates Officer' }),
    });
  }

  /**
   * Lets the vault make a self-signed certificate with a new key, and waits until it is there.
   * Source: https://learn.microsoft.com/rest/api/keyvault/certificates/create-certificate/create-certificate
   */
  async create(name: string, months: number, signal: AbortSignal): Promise<CertificateBundle> {
    const policy = {
      issuer: { name: 'Self' },
      // The app signs with the key itself, so it has to get it.
      key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
      secret_props: { contentType: 'application/x-pem-file' },
      x509_props: {
        subject: `CN=${name}`,
        key_usage: ['digitalSignature'],
        // Client authentication.
        ekus: ['1.3.6.1.5.5.7.3.2'],
        validity_months: months,
      },
      // A certificate that the vault renewed by itself would be unknown to the application.
      lifetime_actions: [{ trigger: { days_before_expiry: 30 }, action: { action_type: 'EmailContacts' } }],
    };
    await this.#send('Create', name, 'POST', `/certificates/${name}/create?${VERSION}`, signal, { policy });
    for (;;) {
      const pending = `/certificates/${name}/pending?${VERSION}`;
      const { status, target } = (await this.#send('Create', name, 'GET', pending, signal)) as {
        status: string;
        target?: string;
      };
      if (status === 'completed' && target) return await this.get(name, '', signal);
      if (status !== 'inProgress')
        throw new UsageError(`Create certificate '${name}': Key Vault says that it is ${status}.`);
      await this.#clock.sleep(PAUSE_MS, signal);
    }
  }

  /** @param version the newest one if empty. */
  async get(name: string, version: string, signal: AbortSignal): Promise<CertificateBundle> {
    const path = `/certificates/${name}/${version}?${VERSION}`;
    const bundle = (await this.#send('Get', name, 'GET', path, signal)) as CertificateItem & { cer: string };
    return {
      ...toVersion(bundle),
      certificate: bundle.cer,
      notBefore: bundle.attributes.nbf * 1000,
      expires: bundle.attributes.exp * 1000,
    };
  }

  /** The newest first; empty when there is no such certificate. */
  async listVersions(name: string, signal: AbortSignal): Promise<readonly CertificateVersion[]> {
    const versions: CertificateVersion[] = [];
    let next: string | null | undefined = `/certificates/${name}/versions?${VERSION}`;
    while (next) {
      const page = (await this.#listPage(name, next, signal)) as {
        value: readonly CertificateItem[];
        nextLink?: string | null;
      };
      versions.push(...page.value.map(toVersion));
      next = page.nextLink;
    }
    // Times are whole seconds; of equal ones the later listed counts as newer.
    return versions.reverse().sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Neither certificate nor key of this version can be read any more. */
  async disable(name: string, version: string, signal: AbortSignal): Promise<void> {
    const path = `/certificates/${name}/${version}?${VERSION}`;
    await this.#send('Disable', name, 'PATCH', path, signal, { attributes: { enabled: false } });
  }

  async #listPage(name: string, path: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#send('List versions of', name, 'GET', path, signal);
    } catch (error) {
      if (error instanceof VaultRefused && error.status === 404) return { value: [] };
      throw error;
    }
  }

  async #send(
    verb: string,
    name: string,
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    return await this.#client.send(`${verb} certificate '${name}'`, method, path, signal, body);
  }
}

function toVersion({ id, attributes }: CertificateItem): CertificateVersion {
  return {
    version: new URL(id).pathname.split('/')[3] ?? '',
    enabled: attributes.enabled,
    createdAt: attributes.created * 1000,
  };
}
