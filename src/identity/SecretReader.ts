/** One version of a secret. */
export interface Secret {
  readonly value: string;
  readonly version: string;
}

/** Reads the newest version. @throws SecretUnavailable */
export type ReadSecret = (signal: AbortSignal) => Promise<Secret>;
