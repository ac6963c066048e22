import { UsageError } from './runCommand.ts';

export interface VaultRefusedInit {
  /** What was asked for, with the name of the secret or certificate. */
  readonly operation: string;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  /** Which role on the vault allows it. */
  readonly role: string;
}

/** Key Vault said no, or nothing. */
export class VaultRefused extends UsageError {
  readonly status: number | undefined;

  constructor({ operation, status, code, role }: VaultRefusedInit) {
    const next =
      status === 403
        ? ` You need the role '${role}' on the vault, and its network rules must let you through.`
        : status === 409
          ? ' One of that name was deleted and is kept, or is being made: recover it (az keyvault certificate recover), or wait.'
          : '';
    const answer = status === undefined ? (code ?? 'no answer') : `HTTP ${status} ${code ?? ''}`.trim();
    super(`${operation}: Key Vault: ${answer}.${next}`);
    this.status = status;
  }
}
