import { randomBytes } from 'node:crypto';
import type { Person } from './people.ts';

/** What a refresh token stands for: one person at one client in one tenant, for any resource. */
export interface Session {
  readonly tenantId: string;
  readonly clientId: string;
  readonly person: Person;
  readonly hasMultifactor: boolean;
  /** When the person signed in. */
  readonly signedInMs: number;
  /** When the refresh token was given out. */
  readonly issuedMs: number;
}

/** 90 days without use. Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens */
export const refreshTokenLifetimeMs = 90 * 24 * 60 * 60 * 1000;

/** The refresh tokens that were given out. A new one does not end the one it was got with. */
export class RefreshTokens {
  readonly #sessions = new Map<string, Session>();

  create(session: Session): string {
    const token = `1.A${randomBytes(120).toString('base64url')}`;
    this.#sessions.set(token, session);
    return token;
  }

  find(token: string): Session | undefined {
    return this.#sessions.get(token);
  }
}
