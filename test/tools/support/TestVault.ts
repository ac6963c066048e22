import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import { generate } from 'selfsigned';
import { startServer, type ReceivedRequest, type TestServer } from '../../support/startServer.ts';

interface Version {
  readonly name: string;
  readonly version: string;
  readonly cer: string;
  readonly privateKey: string;
  readonly created: number;
  readonly nbf: number;
  readonly exp: number;
  enabled: boolean;
}

interface Policy {
  readonly issuer: { readonly name: string };
  readonly key_props: { readonly exportable: boolean; readonly reuse_key: boolean };
  readonly x509_props: { readonly subject: string; readonly validity_months: number };
  readonly lifetime_actions?: readonly { readonly action: { readonly action_type: string } }[];
}

/**
 * The calls about certificates of a Key Vault that rotations make, and 501 for all others.
 *
 * Source: https://learn.microsoft.com/rest/api/keyvault/certificates
 */
export class TestVault {
  readonly server: TestServer;
  readonly versions: Version[] = [];
  /** What the newest certificate was made by. */
  policy: Policy | undefined;
  /** Whether the operator has the role Key Vault Certificates Officer. */
  isOfficer = true;
  /** How often the next certificate is said to be still in the making. */
  pendingPolls = 0;

  private constructor(server: TestServer) {
    this.server = server;
    server.answerWith((response, request) => this.#answer(response, request));
  }

  static async start(): Promise<TestVault> {
    return new TestVault(await startServer());
  }

  reset(): void {
    this.versions.splice(0);
    this.isOfficer = true;
  }

  async #answer(response: ServerResponse, request: ReceivedRequest): Promise<void> {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const fail = (status: number, code: string) => {
      send(status, { error: { code, message: 'In words.' } });
    };
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    const audience = token === undefined ? undefined : decodeJwt(token).aud;
    if (audience !== 'https://vault.azure.net') {
      fail(401, 'Unauthorized');
      return;
    }
    if (!this.isOfficer) {
      fail(403, 'Forbidden');
      return;
    }
    const [, name = '', rest = ''] =
      /^\/certificates\/([\w-]+)\/([\w]*)\?api-version=7\.4$/.exec(request.path) ?? [];
    const of = this.versions.filter((one) => one.name === name);
    const found = rest === '' ? of.at(-1) : of.find(({ version }) => version === rest);
    const call = `${request.method} ${rest}`;
    if (call === 'POST create') {
      const { policy } = JSON.parse(request.body.toString('utf8')) as { policy: Policy };
      this.policy = policy;
      this.versions.push(await createVersion(name, policy));
      send(202, { id: `${this.server.url}/certificates/${name}/pending`, status: 'inProgress' });
    } else if (call === 'GET pending') {
      const target = `${this.server.url}/certificates/${name}`;
      const isMade = this.pendingPolls === 0;
      this.pendingPolls = Math.max(0, this.pendingPolls - 1);
      send(200, isMade ? { status: 'completed', target } : { status: 'inProgress' });
    } else if (call === 'GET versions')
      send(200, { value: of.map((one) => this.#toItem(one)), nextLink: null });
    else if (!found) fail(name === '' ? 501 : 404, name === '' ? 'NotSimulated' : 'CertificateNotFound');
    else if (request.method === 'GET') send(200, { ...this.#toItem(found), cer: found.cer });
    else if (request.method === 'PATCH') {
      const { attributes } = JSON.parse(request.body.toString('utf8')) as {
        attributes: { enabled: boolean };
      };
      found.enabled = attributes.enabled;
      send(200, { ...this.#toItem(found), cer: found.cer });
    } else fail(501, 'NotSimulated');
  }

  #toItem({ name, version, cer, enabled, created, nbf, exp }: Version): object {
    return {
      id: `${this.server.url}/certificates/${name}/${version}`,
      x5t: createHash('sha1').update(Buffer.from(cer, 'base64')).digest('base64url'),
      attributes: { enabled, created, updated: created, nbf, exp },
    };
  }
}

async function createVersion(name: string, { x509_props: x509 }: Policy): Promise<Version> {
  const now = Math.floor(Date.now() / 1000);
  // The vault lets a certificate begin ten minutes before it is made.
  const nbf = now - 600;
  const end = new Date(nbf * 1000);
  end.setUTCMonth(end.getUTCMonth() + x509.validity_months);
  const made = await generate([{ name: 'commonName', value: x509.subject.slice('CN='.length) }], {
    notBeforeDate: new Date(nbf * 1000),
    notAfterDate: end,
  });
  return {
    name,
    version: randomBytes(16).toString('hex'),
    cer: made.cert.replace(/-----[^-]+-----|\s/g, ''),
    privateKey: made.private,
    created: now,
    nbf,
    exp: Math.floor(end.getTime() / 1000),
    enabled: true,
  };
}
