import { Doctor, type DoctorInit } from '../../../src/doctor/Doctor.ts';
import type { AccessReport } from '../../../src/doctor/AccessReport.ts';
import type { Finding, Step } from '../../../src/doctor/Finding.ts';
import { parseDoctorSettings, type DoctorSettings } from '../../../src/doctor/parseDoctorSettings.ts';
import type { CredentialExpiry } from '../../../src/identity/CredentialWatch.ts';
import { permissions } from '../../../src/identity/permissions.ts';
import { SettingsError } from '../../../src/settings/SettingsError.ts';
import type { Tenant } from '../../../src/tenants/Tenant.ts';
import type { Asker } from '../../../src/tenants/TenantAccess.ts';
import { TenantNotFound } from '../../../src/tenants/TenantNotFound.ts';
import {
  API_ID,
  APP,
  NOW,
  OTHER_TENANT,
  TENANT,
  type Claims,
  type TestIssuer,
} from '../../http/support/testIssuer.ts';
import { VirtualClock } from '../../support/VirtualClock.ts';

/** The user-assigned identity. */
const IDENTITY = '0a1b2c3d-0000-4000-8000-000000000000';

export const application: Asker = { id: 'an-application', person: undefined };

export const home: Tenant = {
  id: TENANT,
  name: 'home',
  cloud: 'global',
  isEnabled: true,
  isHome: true,
  addedAt: undefined,
  lastSuccess: undefined,
};
export const customer: Tenant = {
  ...home,
  id: OTHER_TENANT,
  name: 'fabrikam',
  isEnabled: false,
  isHome: false,
};

/** Settings with which everything is right, by an app registration with the identity's token for proof. */
export function createSettings(
  issuer: TestIssuer,
  changes: Record<string, string | undefined> = {},
): DoctorSettings {
  const settings = parseDoctorSettings({
    DEFENDER_TENANT_ID: TENANT,
    DEFENDER_CREDENTIAL: 'federated',
    DEFENDER_CLIENT_ID: APP,
    AZURE_CLIENT_ID: IDENTITY,
    AZURE_AUTHORITY_HOST: issuer.url,
    ALERT_PULL_SCHEDULE: '0 */5 * * * *',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    PUBLIC_BASE_URL: 'https://contoso.example',
    CALLER_AUDIENCE: API_ID,
    INCIDENTS_API: 'xdr',
    ...changes,
  });
  if (settings instanceof SettingsError) throw settings;
  return settings;
}

/** What the services do; the default is that everything is granted and answers. */
export interface Services {
  /** The token for an audience. */
  token: (audience: string) => Promise<string> | string;
  personToken: (audience: string) => Promise<string> | string;
  answer: (url: string) => Response | Promise<Response>;
  expiries: (usedFor: 'defender' | 'onBehalfOf') => CredentialExpiry[] | Promise<CredentialExpiry[]>;
}

export interface TestDoctor {
  readonly doctor: Doctor;
  /** Method and URL of every call. */
  readonly calls: string[];
  readonly examine: (asker?: Asker, tenant?: string) => Promise<AccessReport>;
}

export const allRoles = [...new Set(permissions.map(({ role }) => role))];
export const allScopes = [...new Set(permissions.map(({ delegatedScope }) => delegatedScope))].join(' ');

/** An access token as Entra gives it to the app, with changes. */
export async function appToken(issuer: TestIssuer, changes: Claims = {}): Promise<string> {
  return withoutScheme(
    await issuer.bearer(issuer.claims({ azp: undefined, appid: APP, roles: allRoles, ...changes })),
  );
}

/** Likewise on behalf of a person. */
export async function personToken(issuer: TestIssuer, changes: Claims = {}): Promise<string> {
  const claims = {
    azp: undefined,
    appid: API_ID,
    roles: undefined,
    scp: allScopes,
    upn: 'ana@contoso.example',
  };
  return withoutScheme(await issuer.bearer(issuer.claims({ ...claims, ...changes })));
}

export const withoutScheme = (authorization: string) => authorization.replace('Bearer ', '');

export function createTestDoctor(
  issuer: TestIssuer,
  changes: Partial<Services> = {},
  init: Partial<DoctorInit> = {},
): TestDoctor {
  const calls: string[] = [];
  const services: Services = {
    token: () => appToken(issuer),
    personToken: () => personToken(issuer),
    answer: () => answer(200, { value: [], schema: [], results: [] }),
    expiries: () => [],
    ...changes,
  };
  const get = (make: Services['token']) => async (audience: string) => await make(audience);
  const doctor = new Doctor({
    settings: createSettings(issuer),
    tenants: {
      find: (name = 'home') => {
        const found = [home, customer].find((tenant) => [tenant.id, tenant.name].includes(name));
        return found ? Promise.resolve(found) : Promise.reject(new TenantNotFound(name));
      },
    },
    tenantsOf: new Map(),
    openApplication: () => ({ tokensIn: () => ({ getToken: get(services.token) }) }),
    onBehalfOf: { tokensFor: () => ({ getToken: get(services.personToken) }) },
    openWatch: (identity) => ({
      read: async () => await services.expiries(identity.application ? 'defender' : 'onBehalfOf'),
    }),
    clock: new VirtualClock(NOW),
    fetch: async (input, { method = 'GET' } = {}) => {
      const { url } = new Request(input);
      calls.push(`${method} ${url}`);
      return await services.answer(url);
    },
    ...init,
  });
  const never = new AbortController().signal;
  return { doctor, calls, examine: (asker = application, tenant) => doctor.examine(asker, tenant, never) };
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const date = new Date(NOW).toUTCString();
  return Response.json(body, { status, headers: { date, 'request-id': 'request-1', ...headers } });
}

/** What was found at a step, about one thing. */
export function at({ findings }: AccessReport, step: Step, about?: string): Finding[] {
  return findings.filter((one) => one.step === step && (about === undefined || one.about === about));
}
