/** The app roles of our API registration; each lets its holder do one kind of thing. */
export const callerRoles = ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'] as const;

export type CallerRole = (typeof callerRoles)[number];

export function isCallerRole(role: string): boolean {
  return callerRoles.some((known) => known === role);
}

/** Who calls, as verified. */
export interface Caller {
  readonly kind: 'application' | 'person' | 'functionKey';
  /** Stable: the client id of an application, the object id of a person. */
  readonly id: string;
  /** For people to read, such as a user principal name; never decides anything. */
  readonly name: string | undefined;
  /** The application that asked for the token. */
  readonly applicationId: string | undefined;
  readonly roles: readonly string[];
}
