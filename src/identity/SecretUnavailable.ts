import { AppError } from '../runtime/AppError.ts';

export interface SecretUnavailableInit {
  readonly secretName: string;
  /** The setting that names it. @default 'DEFENDER_SECRET_NAME' */
  readonly setting?: string;
  readonly status: number | undefined;
  readonly serviceCode: string | undefined;
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
    requestId,
    cause,
  }: SecretUnavailableInit) {
    const next =
      status === 403
        ? "give the identity the role 'Key Vault Secrets User' on the vault, and let it through the vault's network rules"
        : status === 404
          ? `check ${setting} and the vault (KEY_VAULT_URL or KEY_VAULT_NAME)`
          : 'check the vault (KEY_VAULT_URL or KEY_VAULT_NAME) and the network';
    const answer = status === undefined ? 'no answer' : `${status} ${serviceCode ?? ''}`.trim();
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
