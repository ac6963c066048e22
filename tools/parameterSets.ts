import type { ValueObject } from './bicep/Placeholder.ts';

/** A deployment that somebody may want, and that reviewers see in infra/snapshot.md. */
export interface ParameterSet {
  readonly title: string;
  readonly params: ValueObject;
}

const required = { environmentName: 'example', location: 'westeurope' };
const OPERATORS = '00000000-0000-0000-0000-000000000001';
const DEPLOYER = '00000000-0000-0000-0000-000000000002';
const OTHER_TENANT = '00000000-0000-0000-0000-000000000004';
const API = '00000000-0000-0000-0000-000000000003';

/** The first one is what a newcomer gets; the others are compared with it. */
export const parameterSets: readonly [ParameterSet, ...ParameterSet[]] = [
  { title: 'Default', params: required },
  {
    title: 'Every playbook, operators and an e-mail',
    params: {
      ...required,
      playbooks: { isolateOnHighSeverity: true, huntIndicator: true, releaseAfterApproval: true },
      approvalUrl: 'https://approvals.example',
      operatorPrincipalId: OPERATORS,
      alertEmail: 'operators@example.com',
    },
  },
  {
    title: 'Defender application with a secret',
    params: { ...required, defenderCredential: 'clientSecret', deployerPrincipalId: DEPLOYER },
  },
  {
    title: 'Defender of another tenant',
    params: {
      ...required,
      defenderTenantId: OTHER_TENANT,
      defenderCredential: 'clientSecret',
      isDefenderApplicationMultiTenant: true,
      deployerPrincipalId: DEPLOYER,
    },
  },
  { title: 'Private network', params: { ...required, privateNetwork: true } },
  {
    title: 'Alerts only, to a webhook',
    params: {
      ...required,
      actOnDevices: false,
      huntingApi: 'off',
      alertWebhookUrl: 'https://webhook.example',
    },
  },
  {
    title: 'Hunting only, with Defender XDR',
    params: { ...required, pullAlerts: false, actOnDevices: false, huntingApi: 'xdr' },
  },
  {
    title: 'Everything off',
    params: { ...required, pullAlerts: false, actOnDevices: false, huntingApi: 'off' },
  },
  {
    title: 'Without rights in the directory',
    params: {
      ...required,
      deployRegistrations: false,
      apiClientId: API,
      apiIdentifierUri: 'api://example',
      allowedCallerApplications: [DEPLOYER],
    },
  },
];
