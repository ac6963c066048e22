import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatorSettings } from '../../local/simulatorSettings.ts';
import type { AccessReport } from '../../src/doctor/AccessReport.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import { Doctor } from '../../src/doctor/Doctor.ts';
import { parseDoctorSettings } from '../../src/doctor/parseDoctorSettings.ts';
import { createApplicationCredential } from '../../src/identity/createApplicationCredential.ts';
import { createOnBehalfOf } from '../../src/identity/createOnBehalfOf.ts';
import { createCredentialWatch } from '../../src/identity/CredentialWatch.ts';
import { systemClock as clock } from '../../src/runtime/Clock.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { examineHere } from '../../tools/examineHere.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { at, home } from './support/createTestDoctor.ts';

// The doctor with the real SDKs, as `npm run doctor -- --here` runs it.

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

type Changes = Readonly<Record<string, string | undefined>>;

async function examine(changes: Changes = {}, tenant?: string): Promise<AccessReport> {
  // The identity endpoint keeps tokens for a day, and a grant shows in new ones only.
  await simulator.control('DELETE', '/identity/cache');
  return await examineHere(
    {
      ...simulatorSettings(simulator),
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      PUBLIC_BASE_URL: 'https://contoso.example',
      ALERT_PULL_SCHEDULE: '0 */5 * * * *',
      ...changes,
    },
    tenant,
  );
}

const failures = (report: AccessReport) => report.findings.filter(({ status }) => status === 'failed');

describe('each way to sign in', () => {
  it.each(['managedIdentity', 'federated', 'clientSecret', 'clientCertificate'])(
    'is ready: %s',
    async (kind) => {
      const identity = { AZURE_CLIENT_ID: simulator.company.userAssignedClientId };
      const report = await examine({
        DEFENDER_CREDENTIAL: kind,
        ...(kind === 'federated' ? identity : {}),
        INCIDENTS_API: 'xdr',
      });
      expect(failures(report)).toEqual([]);
      expect(report.isReady).toBe(true);
      expect(report.tokens.map(({ api, how, isVerified }) => ({ api, how, isVerified }))).toEqual([
        { api: 'endpoint', how: kind, isVerified: true },
        { api: 'graph', how: kind, isVerified: true },
        { api: 'xdr', how: kind, isVerified: true },
      ]);
      expect(report.calls.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(at(report, 'clock')).toMatchObject([{ status: 'ok' }]);
    },
  );
});

/** Settings with which exactly one feature needs the role of a row. */
const apart: Readonly<Record<keyof typeof permissionTable, Changes>> = {
  pullAlerts: { ALERTS_API: 'graph' },
  isolateDevices: {},
  readDevices: {},
  huntWithGraph: {},
  huntWithEndpoint: { HUNTING_API: 'endpoint' },
  huntWithXdr: { HUNTING_API: 'xdr' },
  readAlertsFromEndpoint: { ALERT_PULL_SCHEDULE: undefined },
  readAlertsFromGraph: { ALERTS_API: 'graph' },
  readIncidentsFromGraph: {},
  readIncidentsFromXdr: { INCIDENTS_API: 'xdr' },
};

describe('a role that is taken away', () => {
  const change = (row: (typeof permissionTable)[keyof typeof permissionTable], granted: boolean) =>
    simulator.control('POST', '/entra/roles', {
      principal: simulator.company.defenderClientId,
      resource: row.resource,
      role: row.role,
      granted,
    });

  it.each(Object.entries(permissionTable))(
    'is named for its feature, and the others stay granted: %s',
    async (name, row) => {
      await change(row, false);
      try {
        const changes = {
          DEFENDER_CREDENTIAL: 'clientSecret',
          ...apart[name as keyof typeof permissionTable],
        };
        const report = await examine(changes);
        const lacking = report.features.filter(({ isOn, isGranted }) => isOn && isGranted !== true);
        expect(lacking).toMatchObject([{ feature: row.feature, isGranted: false, missing: [row.role] }]);
        expect(report.features.filter(({ isGranted }) => isGranted)).toHaveLength(
          report.features.filter(({ isOn }) => isOn).length - 1,
        );
        // Nothing else fails: no call is made that would be refused.
        expect(failures(report)).toMatchObject([{ step: 'permission', about: row.feature }]);
        expect(failures(report)[0]?.command).toContain(`value=='${row.role}'`);
        expect(report.isReady).toBe(false);
      } finally {
        await change(row, true);
      }
    },
  );
});

describe('what else can be wrong', () => {
  const bySecret = { DEFENDER_CREDENTIAL: 'clientSecret' };

  it('is the secret: missing in the vault, or refused by Entra', async () => {
    const missing = await examine({ ...bySecret, DEFENDER_SECRET_NAME: 'no-such-secret' });
    expect(at(missing, 'keyVault')).toMatchObject([{ status: 'failed', code: 'secret_unavailable' }]);
    expect(at(missing, 'token', 'graph')).toMatchObject([{ status: 'failed' }]);
    expect(at(missing, 'call', 'graph')).toMatchObject([{ status: 'skipped' }]);
    // Another registration's secret.
    const wrong = await examine({ ...bySecret, DEFENDER_SECRET_NAME: simulator.company.apiSecretName });
    expect(at(wrong, 'token', 'graph')[0]?.text).toContain('AADSTS7000215');
    expect(at(wrong, 'token', 'graph')[0]?.requestId).toBeDefined();
  });

  it('is the tenant', async () => {
    const report = await examine({
      ...bySecret,
      DEFENDER_TENANT_ID: '00000000-0000-4000-8000-000000000000',
      CALLER_TENANT_ID: simulator.company.tenantId,
    });
    expect(at(report, 'token', 'endpoint')[0]).toMatchObject({
      status: 'failed',
      code: 'credential_refused',
    });
    expect(report.isReady).toBe(false);
  });

  it('is the audience: a token comes, with none of the roles', async () => {
    const report = await examine({
      ...bySecret,
      // The most usual mistake: the host's name belongs to another resource.
      DEFENDER_API_AUDIENCE: 'https://api.security.microsoft.com',
    });
    expect(report.features.find(({ feature }) => feature === 'pullAlerts')?.missing).toEqual([
      'Alert.Read.All',
    ]);
    expect(at(report, 'claims', 'endpoint')[0]?.text).toContain('Incident.Read');
  });

  it('is Defender, which is down', async () => {
    await simulator.control('POST', '/faults', { service: 'defender', times: 100, effect: { status: 503 } });
    try {
      const report = await examine(bySecret);
      expect(at(report, 'call', 'endpoint')).toMatchObject([
        { status: 'failed', code: 'defender_http_error' },
      ]);
      expect(at(report, 'call', 'graph')).toMatchObject([{ status: 'ok' }]);
    } finally {
      await simulator.control('DELETE', '/faults');
    }
  });

  it('is the home tenant known by its domain name only: that is fine', async () => {
    const { tenantDomain, tenantId } = simulator.company;
    const report = await examine({
      ...bySecret,
      DEFENDER_TENANT_ID: tenantDomain,
      CALLER_TENANT_ID: tenantId,
    });
    expect(failures(report)).toEqual([]);
  });

  it('is a tenant that did not consent', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', {
      count: 1,
      consent: false,
    })) as unknown as {
      tenants: { id: string }[];
    };
    const id = tenants[0]?.id ?? '';
    const report = await examine(bySecret, id);
    expect(report.tenant.id).toBe(id);
    expect(at(report, 'token', 'graph')[0]).toMatchObject({ status: 'failed', code: 'credential_refused' });
    expect(at(report, 'token', 'graph')[0]?.text).toContain('AADSTS700016');
  });
});

describe('a tenant that consented', () => {
  it('is ready, with a token of its own', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', {
      count: 1,
      consent: true,
    })) as unknown as { tenants: { id: string }[] };
    const id = tenants[0]?.id ?? '';
    const report = await examine({ DEFENDER_CREDENTIAL: 'clientCertificate' }, id);
    expect(failures(report)).toEqual([]);
    expect(report.tokens.map(({ tenantId }) => tenantId)).toEqual([id, id]);
  });

  it('lacks a role: an administrator there must consent again', async () => {
    const { tenants } = (await simulator.control('POST', '/entra/tenants', {
      count: 1,
      consent: true,
      roles: {},
    })) as unknown as { tenants: { id: string }[] };
    const id = tenants[0]?.id ?? '';
    const report = await examine({ DEFENDER_CREDENTIAL: 'clientCertificate' }, id);
    const lacking = report.features.filter(({ isOn, isGranted }) => isOn && isGranted === false);
    expect(lacking.map(({ feature }) => feature)).toEqual(
      report.features.filter(({ isOn }) => isOn).map(({ feature }) => feature),
    );
    expect(lacking[0]?.command).toBe(`npm run tenants -- consent-url '${id}'`);
  });
});

describe('a person who asks', () => {
  async function examineAs(user: string): Promise<AccessReport> {
    const { token } = (await simulator.control('POST', '/entra/caller-tokens', { user })) as {
      token: string;
    };
    const settings = parseDoctorSettings({
      ...simulatorSettings(simulator),
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      PUBLIC_BASE_URL: 'https://contoso.example',
      DEFENDER_CREDENTIAL: 'clientSecret',
      ON_BEHALF_OF_CREDENTIAL: 'clientSecret',
    });
    if (settings instanceof SettingsError || !settings.onBehalfOf) throw new Error('wrong settings');
    const { logger } = collectLogs();
    const { tenantId } = simulator.company;
    const doctor = new Doctor({
      settings,
      tenants: { find: () => Promise.resolve({ ...home, id: tenantId }) },
      tenantsOf: new Map(),
      openApplication: () => createApplicationCredential(settings.identity, clock, logger),
      onBehalfOf: createOnBehalfOf(settings.identity, settings.onBehalfOf, clock, logger),
      openWatch: (...of) => createCredentialWatch(...of, clock),
      clock,
    });
    const person = { token, tenantId, expiresAt: Date.now() + 600_000 };
    const report = await doctor.examine({ id: user, person }, undefined, new AbortController().signal);
    expect(JSON.stringify(report)).not.toMatch(/eyJ[\w-]{10,}/);
    return report;
  }

  it('sees what they could do, by a real exchange and a real call', async () => {
    const report = await examineAs('analyst');
    expect(failures(report)).toEqual([]);
    const granted = report.person?.features.filter(({ isOn }) => isOn).map(({ isGranted }) => isGranted);
    expect(new Set(granted)).toEqual(new Set([true]));
    expect(report.calls.filter((call) => call.as === 'person').map(({ status }) => status)).toEqual([
      200, 200,
    ]);
    expect(at(report, 'keyVault').map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('without a role in Defender learns that, while the app is ready', async () => {
    const report = await examineAs('newcomer');
    expect(report.isReady).toBe(true);
    expect(
      at(report, 'onBehalfOf').filter(({ code }) => code === 'person_not_permitted').length,
    ).toBeGreaterThan(0);
  });

  it('is asked for more by Conditional Access', async () => {
    await simulator.control('POST', '/entra/conditional-access', {
      demand: 'multifactor',
      person: 'analyst',
    });
    try {
      const report = await examineAs('analyst');
      expect(report.isReady).toBe(true);
      expect(at(report, 'onBehalfOf', 'graph')[0]).toMatchObject({
        status: 'warning',
        code: 'on_behalf_of_refused',
      });
    } finally {
      await simulator.control('DELETE', '/entra/conditional-access');
    }
  });
});
