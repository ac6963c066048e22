import type { OnBehalfOf, PersonAssertion } from '../identity/TokenSource.ts';
import type { Tenant } from '../tenants/Tenant.ts';
import type { AccessReport } from './AccessReport.ts';
import type { ApiCheck, ApiCheckInit } from './ApiCheck.ts';
import { checkPermissions } from './checkPermissions.ts';
import type { Finding } from './Finding.ts';
import { howToGrantScope } from './howToGrant.ts';
import type { DoctorSettings } from './parseDoctorSettings.ts';

export interface OnBehalfOfCheckInit {
  readonly settings: DoctorSettings;
  readonly tenant: Tenant;
  /** Who asks, if a person does. */
  readonly person: PersonAssertion | undefined;
  readonly onBehalfOf: OnBehalfOf | undefined;
  readonly checkApis: (
    identity: Pick<ApiCheckInit, 'as' | 'tokens' | 'how' | 'expectedClientId'>,
  ) => Promise<readonly ApiCheck[]>;
}

export interface PersonCheck {
  readonly findings: readonly Finding[];
  readonly checks: readonly ApiCheck[];
  readonly report: AccessReport['person'];
}

/**
 * Exchanges the token of the person who asks, where one does: nobody else can show whether that works. What stands in the
 * way of this person only, such as their role or Conditional Access, is a warning; that the registration cannot prove itself
 * is a failure.
 */
export async function checkOnBehalfOf(init: OnBehalfOfCheckInit): Promise<PersonCheck> {
  const { settings, tenant, person, onBehalfOf, checkApis } = init;
  if (!settings.onBehalfOf || !onBehalfOf) {
    return skipped('Off: people are refused, and only applications are served.');
  }
  const { clientId, proof } = settings.onBehalfOf;
  const how = `the registration ${clientId} by ${proof.kind}`;
  if (proof.kind === 'federated' && settings.identity.managedIdentityClientId === undefined) {
    return { ...skipped(''), findings: [noUserAssignedIdentity] };
  }
  if (!person) {
    return skipped(
      `Set up with ${how}. Call as a person to see whether it works; no application can try it.`,
    );
  }
  if (person.tenantId !== tenant.id) {
    return skipped(`Set up with ${how}, but people act only in the tenant where they signed in.`);
  }
  const checks = await checkApis({
    as: 'person',
    tokens: onBehalfOf.tokensFor(person),
    how: 'onBehalfOf',
    expectedClientId: clientId,
  });
  const find = (api: ApiCheck['api']) => checks.find((check) => check.api === api);
  const permitted = checkPermissions({
    isOn: (feature) => settings.features.has(feature),
    claimsOf: (api) => find(api)?.claims,
    hasToken: (api) => find(api)?.token !== undefined,
    as: 'person',
    howToGrant: (permission) => howToGrantScope(permission, settings),
  });
  const isOn = ({ about }: Finding) => permitted.features.find(({ feature }) => feature === about)?.isOn;
  const findings = [...checks.flatMap((check) => check.findings), ...permitted.findings.filter(isOn)].map(
    toPersonFinding,
  );
  const name = checks.find(({ token }) => token?.person !== undefined)?.token?.person;
  return { findings, checks, report: { name, features: permitted.features } };
}

/** Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
const noUserAssignedIdentity: Finding = {
  step: 'onBehalfOf',
  status: 'warning',
  code: 'user_assigned_identity_needed',
  text: 'The API registration can only trust a user-assigned identity, and AZURE_CLIENT_ID names none: people are refused.',
  advice: 'Set AZURE_CLIENT_ID, choose another ON_BEHALF_OF_CREDENTIAL, or switch it off.',
};

function skipped(text: string): PersonCheck {
  return { findings: [{ step: 'onBehalfOf', status: 'skipped', text }], checks: [], report: undefined };
}

/** Whose fault it is depends on where it stopped: without a token of the registration nobody gets one. */
function toPersonFinding(finding: Finding): Finding {
  const isOfRegistration = finding.step === 'token' && finding.code !== 'on_behalf_of_refused';
  const status = finding.status === 'failed' && !isOfRegistration ? 'warning' : finding.status;
  return { ...finding, step: 'onBehalfOf', status };
}
