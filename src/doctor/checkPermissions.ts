import type { TokenClaims } from '../identity/decodeTokenClaims.ts';
import {
  isPermitted,
  permissions,
  type DefenderApi,
  type Permission,
  type PermittedFeature,
} from '../identity/permissions.ts';
import type { FeatureReport } from './AccessReport.ts';
import type { Finding } from './Finding.ts';

export interface PermissionCheckInit {
  readonly isOn: (feature: PermittedFeature) => boolean;
  /** Of the token for an API; undefined when there is none, or one that cannot be read. */
  readonly claimsOf: (api: DefenderApi) => TokenClaims | undefined;
  readonly hasToken: (api: DefenderApi) => boolean;
  readonly as: 'application' | 'person';
  /** What grants a permission, and what to know about it. */
  readonly howToGrant: (permission: Permission, claims: TokenClaims) => Pick<Finding, 'advice' | 'command'>;
}

/** Says of every feature whether it is granted, off, or which permission exactly is missing. */
export function checkPermissions(init: PermissionCheckInit): {
  readonly findings: readonly Finding[];
  readonly features: readonly FeatureReport[];
} {
  const byFeature = [...Map.groupBy(permissions, ({ feature }) => feature)];
  const checked = byFeature.map(([feature, rows]) => {
    const api = rows[0]?.api ?? 'endpoint';
    if (!init.isOn(feature)) {
      const off: Finding = { step: 'permission', about: feature, status: 'skipped', text: 'Switched off.' };
      return { findings: [off], report: { feature, api, isOn: false, missing: [] } };
    }
    const findings = rows.map((row) => checkRow(row, init));
    const commands = findings.flatMap(({ command }) => command ?? []);
    const isGranted = findings.some(({ status }) => status === 'skipped')
      ? undefined
      : findings.every(({ status }) => status === 'ok');
    const report: FeatureReport = {
      feature,
      api,
      isOn: true,
      isGranted,
      missing: rows
        .filter((_, index) => findings[index]?.status === 'failed')
        .map((row) => nameOf(row, init)),
      ...(commands.length > 0 ? { command: [...new Set(commands)].join('\n') } : {}),
    };
    return { findings, report };
  });
  return {
    findings: checked.flatMap(({ findings }) => findings),
    features: checked.map(({ report }) => report),
  };
}

function checkRow(row: Permission, init: PermissionCheckInit): Finding {
  const { api, feature, resource, why } = row;
  const { hasToken, claimsOf, as, howToGrant } = init;
  const about = { step: 'permission', about: feature } as const;
  const claims = claimsOf(api);
  if (!claims) {
    const text = hasToken(api)
      ? 'The token cannot be read; the real call decides.'
      : 'There is no token to look at.';
    return { ...about, status: 'skipped', text };
  }
  const kind = as === 'person' ? 'delegated permission' : 'application role';
  if (isPermitted(row, claims)) {
    const { role, otherRoles, delegatedScope, otherScopes } = row;
    const [accepted, carried] =
      as === 'person'
        ? [[delegatedScope, ...otherScopes], claims.scopes]
        : [[role, ...otherRoles], claims.roles];
    const held = accepted.find((one) => carried.includes(one)) ?? '';
    return { ...about, status: 'ok', text: `Granted: ${held} of ${resource}.` };
  }
  return {
    ...about,
    status: 'failed',
    code: as === 'person' ? 'person_not_permitted' : 'defender_permission_missing',
    text: `The ${kind} ${nameOf(row, init)} of ${resource} is missing. It is needed for: ${why}`,
    ...howToGrant(row, claims),
  };
}

function nameOf({ role, delegatedScope }: Permission, { as }: PermissionCheckInit): string {
  return as === 'person' ? delegatedScope : role;
}
