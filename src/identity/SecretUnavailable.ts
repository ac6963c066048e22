import { AppError } from '../runtime/AppError.ts';

export interface SecretUnavailableInit {
  readonly secretName: string;
  /** The setting that names it. @default 'DEFENDER_SECRET_NAME' */
  readonly setting?: string;
  readonly status: number | undefined;
  readonly serviceCode: string | undefined;
  /** Why the vault forbids it, by the code inside of its error. */
  readonly reason?: string | undefined;
  readonly requestId: string | undefined;
  readonly cause: unknown;
}

/** The secret could not be read from Key Vault. */
export class SecretUnavailable extends AppError {
  override readonly name = 'SecretUnavailable';
  readonly code = 'secret_unavailable';
  override readonly httpStatus = 503;
  readonly #status: number | undefined;

  constructor({
    secretName,
    setting = 'DEFENDER_SECRET_NAME',
    status,
    serviceCode,
    reason,
    requestId,
    cause,
  }: SecretUnavailableInit) {
    const next =
      status === 403
        ? adviseForbidden(reason)
        : status === 404
          ? `check ${setting} and the vault (KEY_VAULT_URL or KEY_VAULT_NAME)`
          : 'check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network';
    const answer =
      status === undefined ? 'no answer' : [status, serviceCode, reason].filter(Boolean).join(' ');
    super(
      `Read secret '${secretName}': Key Vault gave ${answer}; ${next}. Request id ${requestId ?? '(none was given)'}.`,
      { cause, requestId },
    );
    this.#status = status;
  }

  get retryable(): boolean {
    return this.#status === undefined || this.#status === 429 || this.#status >= 500;
  }
}

/** Source: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes#http-403-insufficient-permissions */
function adviseForbidden(reason: string | undefined): string {
  const role = "give the identity the role 'Key Vault Secrets User' on the vault";
  switch (reason) {
    case 'SecretDisabled':
      return 'enable its newest version in the vault, or add another';
    case 'ForbiddenByFirewall':
    case 'ForbiddenByConnection':
      return "let the app through the vault's network rules";
    case 'ForbiddenByRbac':
    case 'AccessDenied':
      return role;
    default:
      return `${role}, and let it through the vault's network rules`;
  }
}
