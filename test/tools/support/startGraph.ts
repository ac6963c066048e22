import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { decodeTokenClaims } from '../../../src/identity/decodeTokenClaims.ts';
import { startServer, type ReceivedRequest, type TestServer } from '../../support/startServer.ts';

interface Password {
  readonly keyId: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

interface GraphPrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string }[];
  readonly assignments: readonly { readonly resource: string; readonly role: string }[];
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
    this.#refusals.splice(0);
  }

  /** Lets time pass for the secrets: all begin that much earlier. */
  age(ms: number): void {
    const earlier = (instant: string) => new Date(Date.parse(instant) - ms).toISOString();
    const aged = this.passwords.map((one) => ({ ...one, startDateTime: earlier(one.startDateTime) }));
    this.passwords.splice(0, this.passwords.length, ...aged);
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
    if (objectId !== undefined) send(200, { value: this.#assignmentsOf(objectId) });
    else if (kind === 'servicePrincipals') {
      const principal = this.principals.find((one) => one.appId === appId);
      if (principal) send(200, principal);
      else fail(404, 'Request_ResourceNotFound');
    } else if (kind === 'applications' && appId !== this.#clientId) fail(404, 'Request_ResourceNotFound');
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

interface Body {
  readonly passwordCredential?: NewPassword;
  readonly keyId?: string;
}
