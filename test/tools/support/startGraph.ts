import { randomUUID, X509Certificate } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { decodeTokenClaims } from '../../../src/identity/decodeTokenClaims.ts';
import { startServer, type ReceivedRequest, type TestServer } from '../../support/startServer.ts';

interface Password {
  readonly keyId: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** Source: https://learn.microsoft.com/graph/api/resources/keycredential */
interface Key {
  readonly keyId?: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly key: string;
  readonly type: string;
  readonly usage: string;
}

interface GraphPrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string }[];
  readonly assignments: readonly { readonly resource: string; readonly role: string }[];
  /** Delegated scopes for everybody, with spaces between them. */
  readonly grants?: readonly { readonly resource: string; readonly scope: string }[];
}

/** Makes and ends secrets for real, in the simulated Entra. */
export interface SecretMaker {
  add(expiresInSeconds: number): Promise<{ readonly keyId: string; readonly secretText: string }>;
  remove(keyId: string): Promise<void>;
}

/** What a Graph refuses with, until it is taken away. */
interface Refusal {
  readonly pattern: RegExp;
  readonly status: number;
  readonly code: string;
  left: number;
}

/**
 * The calls of Microsoft Graph that operators' commands make, and 501 for all others.
 *
 * Source: https://learn.microsoft.com/graph/api/resources/application, .../serviceprincipal
 */
export class TestGraph {
  readonly server: TestServer;
  readonly passwords: Password[] = [];
  readonly keys: Key[] = [];
  readonly principals: GraphPrincipal[] = [];
  readonly #clientId: string;
  readonly #secrets: SecretMaker;
  readonly #refusals: Refusal[] = [];

  private constructor(server: TestServer, clientId: string, secrets: SecretMaker) {
    this.server = server;
    this.#clientId = clientId;
    this.#secrets = secrets;
    server.answerWith((response, request) => this.#answer(response, request));
  }

  static async start(clientId: string, secrets: SecretMaker): Promise<TestGraph> {
    return new TestGraph(await startServer(), clientId, secrets);
  }

  /** Refuses calls whose method and path match. */
  refuse(pattern: RegExp, status: number, code: string, times = Infinity): void {
    this.#refusals.push({ pattern, status, code, left: times });
  }

  /** Without secrets of the application, and refusing nothing. */
  reset(): void {
    this.passwords.splice(0);
    this.keys.splice(0);
    this.#refusals.splice(0);
  }

  /** Lets time pass for the secrets: all begin that much earlier. */
  age(ms: number): void {
    const earlier = (instant: string) => new Date(Date.parse(instant) - ms).toISOString();
    const aged = this.passwords.map((one) => ({ ...one, startDateTime: earlier(one.startDateTime) }));
    this.passwords.splice(0, this.passwords.length, ...aged);
    const keys = this.keys.map((one) => ({ ...one, startDateTime: earlier(one.startDateTime) }));
    this.keys.splice(0, this.keys.length, ...keys);
  }

  async #answer(response: ServerResponse, request: ReceivedRequest): Promise<void> {
    const send = (status: number, body?: unknown) => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'request-id': randomUUID() })
        .end(body === undefined ? '' : JSON.stringify(body));
    };
    const fail = (status: number, code: string) => {
      send(status, { error: { code, message: 'In words.' } });
    };
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !decodeTokenClaims(token)) {
      fail(401, 'InvalidAuthenticationToken');
      return;
    }
    const path = decodeURIComponent(request.path);
    const refusal = this.#refusals.find(
      ({ pattern, left }) => left > 0 && pattern.test(`${request.method} ${path}`),
    );
    if (refusal) {
      refusal.left -= 1;
      fail(refusal.status, refusal.code);
      return;
    }
    const [, kind, appId, rest = ''] =
      /^\/v1\.0\/(applications|servicePrincipals)\(appId='([^']+)'\)([^?]*)/.exec(path) ?? [];
    const body = request.body.length === 0 ? {} : (JSON.parse(request.body.toString('utf8')) as Body);
    const [, objectId] = /^\/v1\.0\/servicePrincipals\/([^/]+)\/appRoleAssignments/.exec(path) ?? [];
    const [, holderId] = /^\/v1\.0\/servicePrincipals\/([^/]+)\/oauth2PermissionGrants$/.exec(path) ?? [];
    if (holderId !== undefined) send(200, { value: this.#grantsOf(holderId) });
    else if (objectId !== undefined) send(200, { value: this.#assignmentsOf(objectId) });
    else if (kind === 'servicePrincipals') {
      const principal = this.principals.find((one) => one.appId === appId);
      if (principal) send(200, principal);
      else fail(404, 'Request_ResourceNotFound');
    } else if (kind === 'applications' && appId !== this.#clientId) fail(404, 'Request_ResourceNotFound');
    else if (kind === 'applications' && request.method === 'PATCH' && body.keyCredentials) {
      const problem = this.#setKeys(body.keyCredentials);
      if (problem) fail(400, problem);
      else send(204);
    } else if (kind === 'applications' && rest === '' && path.endsWith('$select=keyCredentials'))
      send(200, { keyCredentials: this.keys });
    else if (kind === 'applications' && rest === '')
      send(200, { displayName: 'defender-functions', passwordCredentials: this.passwords });
    else if (rest === '/addPassword' && body.passwordCredential)
      send(200, await this.#add(body.passwordCredential));
    else if (rest === '/removePassword' && body.keyId !== undefined) {
      const index = this.passwords.findIndex(({ keyId }) => keyId === body.keyId);
      if (index === -1) {
        fail(400, 'Request_BadRequest');
        return;
      }
      this.passwords.splice(index, 1);
      await this.#secrets.remove(body.keyId);
      send(204);
    } else fail(501, 'NotSimulated');
  }

  async #add({ displayName, endDateTime }: NewPassword): Promise<Password & { secretText: string }> {
    const seconds = Math.round((Date.parse(endDateTime) - Date.now()) / 1000);
    const { keyId, secretText } = await this.#secrets.add(seconds);
    const password = { keyId, displayName, startDateTime: new Date().toISOString(), endDateTime };
    this.passwords.push(password);
    return { ...password, secretText };
  }

  /** What stays must be as it was; what is new gets an id. Returns the code of a refusal. */
  #setKeys(keys: readonly Key[]): string | undefined {
    const known = new Map(this.keys.map((key) => [key.keyId, JSON.stringify(key)]));
    const isChanged = (key: Key) => key.keyId !== undefined && known.get(key.keyId) !== JSON.stringify(key);
    const isNoCertificate = ({ key, type, usage }: Key) =>
      type !== 'AsymmetricX509Cert' || usage !== 'Verify' || !isCertificate(key);
    if (keys.some(isChanged)) return 'KeyCredentialsUpdateNotAllowed';
    if (keys.some(isNoCertificate)) return 'KeyCredentialsInvalid';
    const all = keys.map((key) => (key.keyId === undefined ? { ...key, keyId: randomUUID() } : key));
    this.keys.splice(0, this.keys.length, ...all);
    return undefined;
  }

  #grantsOf(objectId: string): unknown[] {
    const grants = this.principals.find(({ id }) => id === objectId)?.grants ?? [];
    return grants.map(({ resource, scope }) => ({
      clientId: objectId,
      consentType: 'AllPrincipals',
      resourceId: this.principals.find(({ displayName }) => displayName === resource)?.id,
      scope,
    }));
  }

  #assignmentsOf(objectId: string): unknown[] {
    const principal = this.principals.find(({ id }) => id === objectId);
    return (principal?.assignments ?? []).map(({ resource, role }) => {
      const on = this.principals.find(({ displayName }) => displayName === resource);
      return {
        appRoleId: on?.appRoles.find(({ value }) => value === role)?.id,
        principalId: objectId,
        resourceId: on?.id,
        resourceDisplayName: resource,
      };
    });
  }
}

interface NewPassword {
  readonly displayName: string;
  readonly endDateTime: string;
}

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).subject !== '';
  } catch {
    return false;
  }
}

interface Body {
  readonly keyCredentials?: readonly Key[];
  readonly passwordCredential?: NewPassword;
  readonly keyId?: string;
}
