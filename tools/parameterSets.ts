import type { AzureName } from './bicep/functions.ts';
import type { ValueObject } from './bicep/Placeholder.ts';

/** A deployment that somebody may want, and that reviewers see in infra/snapshot.md. */
export interface ParameterSet {
  readonly title: string;
  readonly params: ValueObject;
  /** Where it is deployed: public Azure unless said otherwise. */
  readonly azure?: AzureName;
}

const required = { environmentName: 'example', location: 'westeurope' };
const readingOff = { alertsApi: 'off', incidentsApi: 'off' };
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
    title: 'Defender application without a secret',
    params: { ...required, defenderCredential: 'federated' },
  },
  {
    title: 'Defender application with a secret',
    params: { ...required, defenderCredential: 'clientSecret', deployerPrincipalId: DEPLOYER },
  },
  {
    title: 'Certificates, also on behalf of people',
    params: {
      ...required,
      defenderCredential: 'clientCertificate',
      onBehalfOfCredential: 'clientCertificate',
      deployerPrincipalId: DEPLOYER,
    },
  },
  {
    title: 'On behalf of people with a secret',
    params: { ...required, onBehalfOfCredential: 'clientSecret', deployerPrincipalId: DEPLOYER },
  },
  {
    title: 'A partner with many tenants',
    params: { ...required, defenderCredential: 'federated', isDefenderApplicationMultiTenant: true },
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
  { title: 'People at a terminal', params: { ...required, deployTerminalClient: true } },
  { title: 'Nothing on behalf of people', params: { ...required, onBehalfOfCredential: 'off' } },
  {
    title: 'GCC High',
    params: { ...required, location: 'usgovvirginia', defenderCloud: 'gccHigh' },
    azure: 'AzureUSGovernment',
  },
  { title: 'A region of Defender', params: { ...required, defenderRegion: 'eu' } },
  { title: 'Private network', params: { ...required, privateNetwork: true } },
  {
    title: 'Alerts only, to a webhook',
    params: {
      ...required,
      ...readingOff,
      actOnDevices: false,
      huntingApi: 'off',
      alertWebhookUrl: 'https://webhook.example',
    },
  },
  {
    title: 'Hunting only, with Defender XDR',
    params: { ...required, ...readingOff, pullAlerts: false, actOnDevices: false, huntingApi: 'xdr' },
  },
  {
    title: 'Reading all of Defender, incidents with Defender XDR',
    params: { ...required, alertsApi: 'graph', incidentsApi: 'xdr' },
  },
  {
    title: 'Everything off',
    params: { ...required, ...readingOff, pullAlerts: false, actOnDevices: false, huntingApi: 'off' },
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
