import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../src/runtime/Clock.ts';
import { GraphRefused } from './GraphRefused.ts';

/** One client secret of an application; its value is given only once, when it is made. */
export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

export interface Application {
  readonly displayName: string;
  readonly passwordCredentials: readonly PasswordCredential[];
}

export interface ServicePrincipal {
  readonly id: string;
  readonly displayName: string;
  readonly appRoles: readonly { readonly id: string; readonly value: string | null }[];
}

/** An application role that a principal holds on a resource. */
export interface AppRoleAssignment {
  readonly appRoleId: string;
  /** The object id of the resource's service principal. */
  readonly resourceId: string;
  readonly resourceDisplayName: string;
}

export interface GraphDirectoryInit {
  /** `https://graph.microsoft.com`, or that of another cloud. */
  readonly url: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
}

/** How often a call is made that Graph throttles, or cannot answer just now. */
const MAX_TRIES = 4;
const DEFAULT_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * The few calls that operators' commands make to the directory, with the operator's own rights.
 *
 * Every method throws GraphRefused, whose message says which right is missing.
 * Source: https://learn.microsoft.com/graph/api/resources/application
 */
export class GraphDirectory {
  readonly #init: GraphDirectoryInit;

  constructor(init: GraphDirectoryInit) {
    this.#init = init;
  }

  /** Source: https://learn.microsoft.com/graph/api/application-get */
  async getApplication(appId: string, signal: AbortSignal): Promise<Application> {
    const path = `/applications(appId='${appId}')?$select=displayName,passwordCredentials`;
    return (await this.#send('Read application', 'GET', path, signal)) as Application;
  }

  /** Source: https://learn.microsoft.com/graph/api/application-addpassword */
  async addPassword(
    appId: string,
    password: { readonly displayName: string; readonly endDateTime: string },
    signal: AbortSignal,
  ): Promise<PasswordCredential & { readonly secretText: string }> {
    const path = `/applications(appId='${appId}')/addPassword`;
    const made = await this.#send('Add secret', 'POST', path, signal, { passwordCredential: password });
    return made as PasswordCredential & { secretText: string };
  }

  /** Source: https://learn.microsoft.com/graph/api/application-removepassword */
  async removePassword(appId: string, keyId: string, signal: AbortSignal): Promise<void> {
    await this.#send('Remove secret', 'POST', `/applications(appId='${appId}')/removePassword`, signal, {
      keyId,
    });
  }

  /** Source: https://learn.microsoft.com/graph/api/serviceprincipal-get */
  async getServicePrincipal(appId: string, signal: AbortSignal): Promise<ServicePrincipal> {
    const path = `/servicePrincipals(appId='${appId}')?$select=id,displayName,appRoles`;
    return (await this.#send('Read service principal', 'GET', path, signal)) as ServicePrincipal;
  }

  /** Source: https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments */
  async listAppRoleAssignments(principalId: string, signal: AbortSignal): Promise<AppRoleAssignment[]> {
    const assignments: AppRoleAssignment[] = [];
    let next: string | undefined = `/servicePrincipals/${principalId}/appRoleAssignments`;
    while (next !== undefined) {
      const page = (await this.#send('List role assignments', 'GET', next, signal)) as {
        value: AppRoleAssignment[];
        '@odata.nextLink'?: string;
      };
      assignments.push(...page.value);
      next = page['@odata.nextLink'];
    }
    return assignments;
  }

  async #send(
    operation: string,
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    const { url, clock } = this.#init;
    // The token goes to Graph only, whatever a next link names.
    const target = new URL(path.startsWith('/') ? `${url}/v1.0${path}` : path);
    if (target.origin !== new URL(url).origin)
      throw new GraphRefused(operation, undefined, 'a link elsewhere', '');
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#try(operation, method, target, signal, body);
      // A change that may have been made is not asked for again.
      const mayTryAgain = answer.status === 429 || (method === 'GET' && answer.status >= 500);
      if (answer.status === 204) return undefined;
      if (answer.ok) return await answer.json();
      if (!mayTryAgain || attempt === MAX_TRIES) throw await toGraphRefused(operation, answer);
      await answer.body?.cancel();
      const waitMs = Number(answer.headers.get('retry-after')) * 1000 || DEFAULT_WAIT_MS * attempt;
      await clock.sleep(Math.min(waitMs, LONGEST_WAIT_MS), signal);
    }
  }

  async #try(
    operation: string,
    method: string,
    target: URL,
    signal: AbortSignal,
    body: unknown,
  ): Promise<Response> {
    const token = await this.#token(operation, signal);
    try {
      return await fetch(target, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new GraphRefused(operation, undefined, error instanceof Error ? error.message : 'no answer', '');
    }
  }

  async #token(operation: string, signal: AbortSignal): Promise<string> {
    const { url, credential } = this.#init;
    try {
      const scope = `${new URL(url).protocol === 'https:' ? url : 'https://graph.microsoft.com'}/.default`;
      const token = await credential.getToken(scope, { abortSignal: signal });
      if (token) return token.token;
    } catch {
      signal.throwIfAborted();
      // What the SDK says lists every way to sign in that it tried; one sentence is more use.
    }
    throw new GraphRefused(operation, undefined, 'you are not signed in: az login, or azd auth login', '');
  }
}

async function toGraphRefused(operation: string, answer: Response): Promise<GraphRefused> {
  const text = await answer.text().catch(() => '');
  const requestId = answer.headers.get('request-id') ?? '';
  return new GraphRefused(operation, answer.status, readCode(text), requestId);
}

/** The code only: a message of Graph's is free text. */
function readCode(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown } };
    return typeof error?.code === 'string' ? error.code : 'no code';
  } catch {
    return 'no code';
  }
}
