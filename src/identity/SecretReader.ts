/** One version of a secret. */
export interface Secret {
  readonly value: string;
  readonly version: string;
  /** What the value is; `application/x-pkcs12` or `application/x-pem-file` for a certificate with its key. */
  readonly contentType: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly expiresOn: number | undefined;
}

/** Reads the newest version. @throws SecretUnavailable */
export type ReadSecret = (signal: AbortSignal) => Promise<Secret>;
