import type { DefenderApi, PermittedFeature } from '../identity/permissions.ts';
import type { Finding } from './Finding.ts';

/** A token that was got, as far as it can be told: never the token itself. */
export interface TokenReport {
  readonly api: DefenderApi;
  /** What it was asked for. */
  readonly audience: string;
  /** By which credential, or `onBehalfOf` for a person's. */
  readonly how: string;
  /** ISO 8601; absent when it does not say so readably. */
  readonly validUntil?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly applicationId?: string | undefined;
  readonly person?: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Whether Entra signed it; absent when that cannot be known. */
  readonly isVerified?: boolean | undefined;
}

/** Whether the identity may do what one feature needs. */
export interface FeatureReport {
  readonly feature: PermittedFeature;
  readonly api: DefenderApi;
  readonly isOn: boolean;
  /** Absent when no token could be read, or the feature is off. */
  readonly isGranted?: boolean | undefined;
  /** Application roles, or delegated scopes for a person. */
  readonly missing: readonly string[];
  /** What grants them. */
  readonly command?: string | undefined;
}

/** A harmless call that was really made. */
export interface CallReport {
  readonly api: DefenderApi;
  readonly as: 'application' | 'person';
  /** Method and path. */
  readonly call: string;
  /** HTTP; absent when no answer came. */
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly code?: string | undefined;
}

/** Whether the app can do in a tenant what it is set up for. */
export interface AccessReport {
  readonly tenant: { readonly id: string; readonly name: string };
  /** True when nothing failed. What only concerns the person who asks does not count. */
  readonly isReady: boolean;
  readonly credential: { readonly kind: string; readonly clientId?: string | undefined };
  readonly findings: readonly Finding[];
  readonly tokens: readonly TokenReport[];
  readonly features: readonly FeatureReport[];
  /** What the person who asks could do; absent when none asks, or nothing can be done on their behalf. */
  readonly person?:
    { readonly name: string | undefined; readonly features: readonly FeatureReport[] } | undefined;
  readonly calls: readonly CallReport[];
  /** What failed. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** The problems among findings, and whether there are none. */
export function judge(findings: readonly Finding[]): Pick<AccessReport, 'isReady' | 'problems'> {
  const problems = findings.flatMap(({ status, code, step, text }) =>
    status === 'failed' ? [{ code: code ?? `${step}_failed`, message: text }] : [],
  );
  return { isReady: problems.length === 0, problems };
}
