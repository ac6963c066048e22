import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../src/runtime/Clock.ts';
import { GraphRefused } from './GraphRefused.ts';
import { RestClient } from './RestClient.ts';

/** One client secret of an application; its value is given only once, when it is made. */
export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** One certificate of an application; its public part only. Source: https://learn.microsoft.com/graph/api/resources/keycredential */
export interface KeyCredential {
  /** Entra's id of it; absent in one that is to be added. */
  readonly keyId?: string;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  readonly type: string;
  readonly usage: string;
  /** The certificate in DER, as base64. */
  readonly key: string | null;
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

/** Delegated scopes that an application holds on a resource, for everybody or for one person. */
export interface PermissionGrant {
  readonly consentType: 'AllPrincipals' | 'Principal';
  /** The object id of the resource's service principal. */
  readonly resourceId: string;
  /** With spaces between them. */
  readonly scope: string;
}

export interface GraphDirectoryInit {
  /** `https://graph.microsoft.com`, or that of another cloud. */
  readonly url: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
}

/**
 * The few calls that operators' commands make to the directory, with the operator's own rights.
 *
 * Every method throws GraphRefused, whose message says which right is missing.
 * Source: https://learn.microsoft.com/graph/api/resources/application
 */
export class GraphDirectory {
  readonly #client: RestClient;

  constructor({ url, credential, clock }: GraphDirectoryInit) {
    this.#client = new RestClient({
      url,
      scope: `${new URL(url).protocol === 'https:' ? url : 'https://graph.microsoft.com'}/.default`,
      credential,
      clock,
      requestIdHeader: 'request-id',
      toError: ({ operation, status, code, requestId }) =>
        new GraphRefused(operation, status, code, requestId),
    });
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

  /**
   * Its certificates; that they are asked for by name is what makes Graph give the keys.
   * Source: https://learn.microsoft.com/graph/api/resources/keycredential
   */
  async listKeys(appId: string, signal: AbortSignal): Promise<readonly KeyCredential[]> {
    const path = `/applications(appId='${appId}')?$select=keyCredentials`;
    const { keyCredentials } = (await this.#send('Read certificates', 'GET', path, signal)) as {
      keyCredentials: readonly KeyCredential[];
    };
    return keyCredentials;
  }

  /**
   * Replaces its certificates: whichever is not among these is gone. Those that stay are given as they were read.
   * Source: https://learn.microsoft.com/graph/api/application-update
   */
  async setKeys(appId: string, keyCredentials: readonly KeyCredential[], signal: AbortSignal): Promise<void> {
    await this.#send('Set certificates', 'PATCH', `/applications(appId='${appId}')`, signal, {
      keyCredentials,
    });
  }

  /** Source: https://learn.microsoft.com/graph/api/serviceprincipal-get */
  async getServicePrincipal(appId: string, signal: AbortSignal): Promise<ServicePrincipal> {
    const path = `/servicePrincipals(appId='${appId}')?$select=id,displayName,appRoles`;
    return (await this.#send('Read service principal', 'GET', path, signal)) as ServicePrincipal;
  }

  /** Source: https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments */
  async listAppRoleAssignments(principalId: string, signal: AbortSignal): Promise<AppRoleAssignment[]> {
    const path = `/servicePrincipals/${principalId}/appRoleAssignments`;
    return await this.#list<AppRoleAssignment>('List role assignments', path, signal);
  }

  /** Source: https://learn.microsoft.com/graph/api/serviceprincipal-list-oauth2permissiongrants */
  async listPermissionGrants(principalId: string, signal: AbortSignal): Promise<PermissionGrant[]> {
    const path = `/servicePrincipals/${principalId}/oauth2PermissionGrants`;
    return await this.#list<PermissionGrant>('List permission grants', path, signal);
  }

  async #list<T>(operation: string, path: string, signal: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const page = (await this.#send(operation, 'GET', next, signal)) as {
        value: T[];
        '@odata.nextLink'?: string;
      };
      items.push(...page.value);
      next = page['@odata.nextLink'];
    }
    return items;
  }

  async #send(
    operation: string,
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<unknown> {
    const target = path.startsWith('/') ? `/v1.0${path}` : path;
    return await this.#client.send(operation, method, target, signal, body);
  }
}
