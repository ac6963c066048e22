import { randomUUID } from 'node:crypto';
import type { EntraError } from './entraRefusal.ts';
import type { Person } from './people.ts';
import type { Resource } from './resources.ts';

/** What a policy demands: a second factor, the registration of one, or nothing that could be done: it blocks. */
export const accessDemands = ['multifactor', 'enrolment', 'block'] as const;

/** One of the demands. */
export type AccessDemand = (typeof accessDemands)[number];

/** A policy as it was asked for. */
export interface AccessPolicyOrder {
  readonly demand: AccessDemand;
  /** The object id of the person it is about; absent: everybody. */
  readonly person?: string;
  /** The appId of the resource it is about; absent: every one. */
  readonly resource?: string;
  /** `error` in the answer: as documented, or as the v2.0 endpoint has been seen to answer. */
  readonly error: 'interaction_required' | 'invalid_grant';
}

/** A policy in force. */
export interface AccessPolicy extends AccessPolicyOrder {
  readonly id: string;
}

/** The AADSTS number, the `suberror` and the sentence of each demand. */
const refusals = {
  multifactor: [50076, 'basic_action', 'The person must use multifactor authentication to access'],
  enrolment: [50079, 'basic_action', 'The person must enrol in multifactor authentication to access'],
  block: [53003, 'message_only', 'Conditional Access policies do not allow a token to be issued for'],
} as const;

/**
 * The Conditional Access policies of all tenants: what a person must do before getting a token for a resource.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#error-response-example. The name
 * `capolids` in the challenge and the `suberror` are as seen in answers, where the page has the older `polids`:
 * https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/5491
 */
export class ConditionalAccess {
  #policies: AccessPolicy[] = [];

  add(order: AccessPolicyOrder): AccessPolicy {
    const policy = { ...order, id: randomUUID() };
    this.#policies.push(policy);
    return policy;
  }

  list(): readonly AccessPolicy[] {
    return this.#policies;
  }

  clear(): void {
    this.#policies = [];
  }

  /** Why this person gets no token for this resource; undefined when nothing stands against it. */
  findRefusal(person: Person, resource: Resource, hasMultifactor: boolean): EntraError | undefined {
    const policy = this.#policies.find(
      (one) =>
        (one.person === undefined || one.person === person.objectId) &&
        (one.resource === undefined || one.resource === resource.appId) &&
        !(one.demand === 'multifactor' && hasMultifactor),
    );
    if (policy === undefined) return undefined;
    const [code, suberror, sentence] = refusals[policy.demand];
    const challenge = { access_token: { capolids: { essential: true, values: [policy.id] } } };
    return {
      status: 400,
      error: policy.error,
      code,
      message: `${sentence} '${resource.appId}'.`,
      suberror,
      claims: JSON.stringify(challenge),
    };
  }
}
