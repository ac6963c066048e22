import { AppError } from '../runtime/AppError.ts';
import { describeRefusal } from './CredentialRefused.ts';
import type { EntraFailure } from './readEntraFailure.ts';

export interface OnBehalfOfRefusedInit {
  /** For what, where and as whom a token was asked for. */
  readonly subject: string;
  readonly failure: EntraFailure;
  /** Where the person can sign in again. */
  readonly authorizeUrl: string;
  readonly tenantId: string;
  readonly cause: unknown;
}

/**
 * Entra does not let the app act for this person as things are: consent is missing, or Conditional Access asks for more.
 * The person, or an administrator of their tenant, can change that; the deployment cannot.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export class OnBehalfOfRefused extends AppError {
  override readonly name = 'OnBehalfOfRefused';
  readonly code = 'on_behalf_of_refused';
  readonly retryable = false;
  override readonly httpStatus = 403;
  /** Entra's `error`. */
  readonly error: string;
  /** The AADSTS number. */
  readonly number: string | undefined;
  /** The claims challenge: JSON text that the client sends as parameter `claims` when the person signs in again. */
  readonly claims: string | undefined;
  readonly #authorizeUrl: string;
  readonly #tenantId: string;

  constructor({ subject, failure, authorizeUrl, tenantId, cause }: OnBehalfOfRefusedInit) {
    super(`Get a token for ${subject}: ${describeRefusal(failure)}`, {
      cause,
      requestId: failure.correlationId,
    });
    this.error = failure.error;
    this.number = failure.number;
    this.claims = failure.claims;
    this.#authorizeUrl = authorizeUrl;
    this.#tenantId = tenantId;
  }

  override get members(): Readonly<Record<string, unknown>> {
    return {
      entraError: this.error,
      ...(this.number === undefined ? {} : { aadsts: Number(this.number) }),
      ...(this.claims === undefined ? {} : { claims: this.claims }),
    };
  }

  /**
   * The value of `WWW-Authenticate` that carries the challenge to the client; undefined without one.
   * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
   */
  get wwwAuthenticate(): string | undefined {
    if (this.claims === undefined) return undefined;
    const claims = Buffer.from(this.claims, 'utf8').toString('base64');
    return `Bearer realm="${this.#tenantId}", authorization_uri="${this.#authorizeUrl}", error="insufficient_claims", claims="${claims}"`;
  }
}
