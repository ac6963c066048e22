import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { SecretUnavailable } from '../../src/identity/SecretUnavailable.ts';
import { TenantNeedsApplication } from '../../src/identity/TenantNeedsApplication.ts';
import type { CredentialExpiry } from '../../src/identity/CredentialWatch.ts';
import { permissionTable, permissions } from '../../src/identity/permissions.ts';
import { createKey, NOW, startIssuer, TENANT, type TestIssuer } from '../http/support/testIssuer.ts';
import {
  allRoles,
  answer,
  application,
  appToken,
  at,
  createSettings,
  createTestDoctor,
  customer,
  withoutScheme,
} from './support/createTestDoctor.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer(await createKey('one'));
});
afterEach(() => {
  issuer.broken.clear();
});
afterAll(() => issuer.close());

const refused = () =>
  new CredentialRefused({
    subject: 'https://graph.microsoft.com',
    error: 'invalid_client',
    number: '7000222',
    correlationId: 'c0ffee',
    cause: new Error('CANARY-secret'),
  });
const isGraph = (text: string) => text.includes('graph.microsoft.com');

describe('a deployment that is set up right', () => {
  it('is ready, and the report says how each thing was seen', async () => {
    const { examine, calls } = createTestDoctor(issuer);
    const report = await examine();
    expect(report).toMatchObject({
      tenant: { id: TENANT, name: 'home' },
      isReady: true,
      problems: [],
      credential: { kind: 'federated' },
    });
    expect(
      report.tokens.map(({ api, audience, how, isVerified }) => ({ api, audience, how, isVerified })),
    ).toEqual([
      {
        api: 'endpoint',
        audience: 'https://api.securitycenter.microsoft.com',
        how: 'federated',
        isVerified: true,
      },
      { api: 'graph', audience: 'https://graph.microsoft.com', how: 'federated', isVerified: true },
      { api: 'xdr', audience: 'https://api.security.microsoft.com', how: 'federated', isVerified: true },
    ]);
    expect(report.tokens[0]?.validUntil).toBe(new Date(NOW + 3_600_000).toISOString());
    const granted = report.features.filter(({ isGranted, missing }) => isGranted && missing.length === 0);
    expect(granted.length).toBeGreaterThan(0);
    expect(granted).toEqual(report.features.filter(({ isOn }) => isOn));
    // One call for each API, and none that changes anything.
    expect(calls.toSorted()).toEqual([
      'GET https://api.security.microsoft.com/api/alerts?$top=1',
      'GET https://api.security.microsoft.com/api/incidents?$top=1',
      'POST https://graph.microsoft.com/v1.0/security/runHuntingQuery',
    ]);
    expect(report.calls[0]).toMatchObject({
      api: 'endpoint',
      as: 'application',
      status: 200,
      requestId: 'request-1',
    });
  });

  it('is looked at anew each time, with a sign-in of its own', async () => {
    let signIns = 0;
    const openApplication = () => {
      signIns += 1;
      return { tokensIn: () => ({ getToken: () => appToken(issuer) }) };
    };
    const { examine, calls } = createTestDoctor(issuer, {}, { openApplication });
    await examine();
    await examine();
    expect(calls).toHaveLength(6);
    expect(signIns).toBe(2);
  });
});

describe('what is switched off', () => {
  it('is listed as off, and neither asked for a token nor called', async () => {
    const settings = createSettings(issuer, {
      ALERT_PULL_SCHEDULE: undefined,
      'AzureWebJobs.runHunt.Disabled': 'true',
      AzureWebJobs_listIncidents_Disabled: '1',
      AzureWebJobs_getIncident_Disabled: '1',
      ALERTS_API: 'graph',
    });
    const { examine, calls } = createTestDoctor(issuer, {}, { settings });
    const report = await examine();
    expect(report.features.filter(({ isOn }) => isOn).map(({ feature }) => feature)).toEqual([
      'actOnDevices',
      'readAlertsFromGraph',
    ]);
    expect(at(report, 'permission', 'pullAlerts')).toMatchObject([
      { status: 'skipped', text: 'Switched off.' },
    ]);
    expect(report.tokens.map(({ api }) => api)).toEqual(['endpoint', 'graph']);
    expect(calls.toSorted()).toEqual([
      'GET https://api.security.microsoft.com/api/machines?$top=1',
      'GET https://graph.microsoft.com/v1.0/security/alerts_v2?$top=1',
    ]);
    expect(report.isReady).toBe(true);
  });
});

describe('settings', () => {
  it('are told with all their faults, while the rest is looked at as far as it can be', async () => {
    const settings = createSettings(issuer, { ALERT_PAGE_SIZE: 'many', ACTION_CAP_PER_HOUR: '0' });
    const report = await createTestDoctor(issuer, {}, { settings }).examine();
    expect(at(report, 'settings').map(({ text }) => text)).toEqual([
      expect.stringContaining('ALERT_PAGE_SIZE'),
      expect.stringContaining('ACTION_CAP_PER_HOUR'),
    ]);
    expect(report.isReady).toBe(false);
    expect(at(report, 'call', 'graph')).toMatchObject([{ status: 'ok' }]);
  });
});

describe('a token that is not given', () => {
  it('fails with what Entra said, names what could not be looked at, and stops nothing else', async () => {
    const token = (audience: string) => (isGraph(audience) ? Promise.reject(refused()) : appToken(issuer));
    const report = await createTestDoctor(issuer, { token }).examine();
    expect(at(report, 'token', 'graph')).toMatchObject([
      { status: 'failed', code: 'credential_refused', requestId: 'c0ffee' },
    ]);
    for (const step of ['claims', 'signature', 'call'] as const) {
      expect(at(report, step, 'graph')).toMatchObject([{ status: 'skipped' }]);
    }
    expect(at(report, 'permission', 'huntWithGraph')).toMatchObject([{ status: 'skipped' }]);
    expect(report.features.find(({ feature }) => feature === 'huntWithGraph')?.isGranted).toBeUndefined();
    expect(at(report, 'call', 'endpoint')).toMatchObject([{ status: 'ok' }]);
    expect(report.problems.map(({ code }) => code)).toEqual(['credential_refused']);
  });

  it('is one failure, where the identity does not exist in the tenant at all', async () => {
    const tokensIn = (tenantId: string) => {
      throw new TenantNeedsApplication(tenantId);
    };
    const report = await createTestDoctor(issuer, {}, { openApplication: () => ({ tokensIn }) }).examine(
      application,
      'fabrikam',
    );
    expect(report.problems.map(({ code }) => code)).toEqual(['tenant_needs_application']);
    expect(report.calls).toEqual([]);
  });
});

describe('a token', () => {
  const examineToken = async (token: string) =>
    await createTestDoctor(issuer, { token: () => token }).examine();

  it('that cannot be read is left to the real call', async () => {
    const report = await examineToken('opaque-CANARY');
    expect(at(report, 'claims', 'endpoint')).toMatchObject([{ status: 'skipped' }]);
    expect(at(report, 'permission', 'pullAlerts')).toMatchObject([{ status: 'skipped' }]);
    expect(at(report, 'call', 'endpoint')).toMatchObject([{ status: 'ok' }]);
    expect(report).toMatchObject({ isReady: true });
    expect(report.tokens[0]).toMatchObject({ roles: [], scopes: [] });
  });

  it('that is encrypted is one of those', async () => {
    const report = await examineToken(['eyJhbGciOiJSU0EtT0FFUCJ9', 'a', 'b', 'c', 'd'].join('.'));
    expect(at(report, 'signature', 'endpoint')).toMatchObject([{ status: 'skipped' }]);
  });

  it('of another tenant is a failure that names both', async () => {
    const report = await examineToken(await appToken(issuer, { tid: customer.id }));
    expect(at(report, 'claims', 'xdr')).toMatchObject([{ status: 'failed', code: 'token_wrong_tenant' }]);
    expect(at(report, 'claims', 'xdr')[0]?.text).toContain(`${customer.id} instead of ${TENANT}`);
  });

  it('of another application is a failure', async () => {
    const report = await examineToken(
      await appToken(issuer, { appid: '12345678-0000-4000-8000-000000000000' }),
    );
    expect(at(report, 'claims', 'graph')).toMatchObject([
      { status: 'failed', code: 'token_wrong_application' },
    ]);
  });

  it('is compared with the tenant that a domain name stands for', async () => {
    const settings = { ...createSettings(issuer) };
    const find = () => Promise.resolve({ ...customer, id: 'contoso.example', isHome: true });
    const report = await createTestDoctor(issuer, {}, { settings, tenants: { find } }).examine();
    expect(at(report, 'claims', 'graph')).toMatchObject([{ status: 'ok' }]);
    const other = createTestDoctor(
      issuer,
      { token: () => appToken(issuer, { tid: customer.id }) },
      { settings, tenants: { find } },
    );
    expect(at(await other.examine(), 'claims', 'graph')).toMatchObject([{ code: 'token_wrong_tenant' }]);
  });

  it('that Entra did not sign is a failure', async () => {
    const forged = withoutScheme(
      await issuer.bearer(issuer.claims({ roles: allRoles }), await createKey('one')),
    );
    const unknown = withoutScheme(
      await issuer.bearer(issuer.claims({ roles: allRoles }), await createKey('two')),
    );
    for (const token of [forged, unknown]) {
      const report = await examineToken(token);
      expect(at(report, 'signature', 'endpoint')).toMatchObject([
        { status: 'failed', code: 'token_signature_wrong' },
      ]);
      expect(report.tokens[0]?.isVerified).toBe(false);
    }
  });

  // https://github.com/AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet/issues/609
  it('with a nonce in its header, as those for Graph, is not checked, and says why', async () => {
    const key = await createKey('one');
    const header = { nonce: 'x' } as Record<string, string>;
    const token = withoutScheme(await issuer.bearer(issuer.claims({ roles: allRoles }), key, header));
    const report = await examineToken(token);
    expect(at(report, 'signature', 'graph')).toMatchObject([
      { status: 'skipped', text: expect.stringContaining('nonce') as string },
    ]);
    expect(report.tokens[0]?.isVerified).toBeUndefined();
  });

  it('is not called wrong when the keys cannot be read', async () => {
    issuer.broken.add('keys');
    const report = await examineToken(await appToken(issuer));
    expect(at(report, 'signature', 'endpoint')).toMatchObject([
      { status: 'warning', code: 'signing_keys_unavailable' },
    ]);
    expect(report.isReady).toBe(true);
  });

  it('that has expired is told as such, and its signature holds', async () => {
    const report = await examineToken(await appToken(issuer, { exp: NOW / 1000 - 600 }));
    expect(at(report, 'claims', 'endpoint')).toMatchObject([{ status: 'failed', code: 'token_expired' }]);
    expect(report.tokens[0]?.isVerified).toBe(true);
  });
});

/** Settings with which exactly the features of one row are on, as far as they can be switched apart. */
const apart: Readonly<Record<keyof typeof permissionTable, Record<string, string | undefined>>> = {
  pullAlerts: { ALERTS_API: 'graph' },
  isolateDevices: {},
  readDevices: {},
  huntWithGraph: {},
  huntWithEndpoint: { HUNTING_API: 'endpoint' },
  huntWithXdr: { HUNTING_API: 'xdr' },
  readAlertsFromEndpoint: { ALERT_PULL_SCHEDULE: undefined },
  readAlertsFromGraph: { ALERTS_API: 'graph' },
  readIncidentsFromGraph: { INCIDENTS_API: 'graph' },
  readIncidentsFromXdr: { INCIDENTS_API: 'xdr' },
};

describe('a role that is missing', () => {
  it.each(Object.entries(permissionTable))('is named for its feature and no other: %s', async (name, row) => {
    const settings = createSettings(issuer, apart[name as keyof typeof permissionTable]);
    const roles = allRoles.filter((role) => role !== row.role);
    const { examine } = createTestDoctor(issuer, { token: () => appToken(issuer, { roles }) }, { settings });
    const report = await examine();
    expect(report.features.filter(({ missing }) => missing.length > 0)).toMatchObject([
      { feature: row.feature, isGranted: false, missing: [row.role] },
    ]);
    const others = report.features.filter(({ feature, isOn }) => isOn && feature !== row.feature);
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other).toMatchObject({ isGranted: true });
    expect(report.isReady).toBe(false);
    expect(report.problems).toMatchObject([{ code: 'defender_permission_missing' }]);
    const command = report.features.find(({ feature }) => feature === row.feature)?.command ?? '';
    expect(command).toContain(`appRoles[?value=='${row.role}'].id`);
    expect(command).toContain(row.resourceAppId);
  });

  it('leaves its call out, and another one of the same API is made where there is one', async () => {
    const roles = allRoles.filter((role) => role !== permissionTable.pullAlerts.role);
    const { examine, calls } = createTestDoctor(issuer, { token: () => appToken(issuer, { roles }) });
    await examine();
    expect(calls.some((call) => call.includes('/api/alerts'))).toBe(false);
    expect(calls).toContain('GET https://api.security.microsoft.com/api/machines?$top=1');
  });

  it('is missing no more when a role that allows more is there', async () => {
    const wider = permissions.flatMap(({ role, otherRoles }) => otherRoles[0] ?? role);
    const report = await createTestDoctor(issuer, {
      token: () => appToken(issuer, { roles: wider }),
    }).examine();
    expect(report.isReady).toBe(true);
  });
});

describe('the real call', () => {
  const examineAnswer = async (respond: () => Response) =>
    await createTestDoctor(issuer, { answer: respond }).examine();

  it('that is refused is a failure although the token looks right', async () => {
    const report = await examineAnswer(() => answer(403, { error: { code: 'Forbidden' } }));
    expect(at(report, 'call', 'endpoint')).toMatchObject([
      { status: 'failed', code: 'defender_permission_missing', requestId: 'request-1' },
    ]);
    expect(report.calls[0]).toMatchObject({ status: 403, code: 'defender_permission_missing' });
  });

  it('that is throttled shows that it was let in', async () => {
    const report = await examineAnswer(() => answer(429, { error: { code: 'TooManyRequests' } }));
    expect(at(report, 'call', 'graph')).toMatchObject([{ status: 'warning', code: 'defender_http_error' }]);
    expect(report.isReady).toBe(true);
  });

  it('gets no answer: the report says so', async () => {
    const report = await examineAnswer(() => {
      throw new TypeError('fetch failed');
    });
    expect(at(report, 'call', 'graph')).toMatchObject([{ status: 'failed', code: 'defender_unreachable' }]);
    expect(report.calls[0]?.status).toBeUndefined();
    expect(at(report, 'clock')).toMatchObject([{ status: 'skipped' }]);
  });

  it('answered by a proxy with a page is no success', async () => {
    const report = await examineAnswer(
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    );
    expect(at(report, 'call', 'xdr')).toMatchObject([
      { status: 'failed', code: 'defender_answer_unreadable' },
    ]);
  });

  it('for devices may find none', async () => {
    const settings = createSettings(issuer, { ALERT_PULL_SCHEDULE: undefined, ALERTS_API: 'graph' });
    const respond = (url: string) =>
      answer(url.includes('machines') ? 404 : 200, { error: { code: 'NotFound' } });
    const report = await createTestDoctor(issuer, { answer: respond }, { settings }).examine();
    expect(at(report, 'call', 'endpoint')).toMatchObject([{ status: 'ok' }]);
  });
});

describe('the clock of the host', () => {
  const report = async (aheadMs: number) => {
    const date = new Date(NOW + aheadMs).toUTCString();
    return at(await createTestDoctor(issuer, { answer: () => answer(200, {}, { date }) }).examine(), 'clock');
  };

  it('may be two minutes off, and no more', async () => {
    expect(await report(120_000)).toMatchObject([{ status: 'ok' }]);
    expect(await report(121_000)).toMatchObject([
      { status: 'warning', text: expect.stringContaining('121 s behind') as string },
    ]);
    expect(await report(-300_000)).toMatchObject([
      { status: 'warning', text: expect.stringContaining('300 s ahead') as string },
    ]);
  });
});

describe('an API whose end is announced', () => {
  it('is a warning, with the day', async () => {
    const settings = createSettings(issuer, { HUNTING_API: 'xdr' });
    const report = await createTestDoctor(issuer, {}, { settings }).examine();
    expect(at(report, 'retirement')).toMatchObject([
      { status: 'warning', text: expect.stringContaining('2027-02-01') as string },
    ]);
    expect(report.isReady).toBe(true);
  });

  it('is none when nobody hunts', async () => {
    const settings = createSettings(issuer, { HUNTING_API: 'xdr', 'AzureWebJobs.runHunt.Disabled': 'true' });
    expect(at(await createTestDoctor(issuer, {}, { settings }).examine(), 'retirement')).toMatchObject([
      { status: 'ok' },
    ]);
  });
});

describe('the vault', () => {
  const inVault = () =>
    createSettings(issuer, {
      DEFENDER_CREDENTIAL: 'clientSecret',
      DEFENDER_SECRET_NAME: 'defender-secret',
      KEY_VAULT_NAME: 'contoso',
      ON_BEHALF_OF_CREDENTIAL: 'clientCertificate',
      ON_BEHALF_OF_CERTIFICATE_NAME: 'api-certificate',
    });
  const expiry = (changes: Partial<CredentialExpiry>): CredentialExpiry[] => [
    {
      name: 'defender-secret',
      kind: 'clientSecret',
      usedFor: 'defender',
      expiresOn: NOW + 100 * 86_400_000,
      daysLeft: 100,
      notice: undefined,
      ...changes,
    },
  ];
  const find = async (expiries: (usedFor: 'defender' | 'onBehalfOf') => CredentialExpiry[]) =>
    at(await createTestDoctor(issuer, { expiries }, { settings: inVault() }).examine(), 'keyVault');

  it('is not asked when nothing lies in it', async () => {
    expect(at(await createTestDoctor(issuer).examine(), 'keyVault')).toMatchObject([{ status: 'skipped' }]);
  });

  it('tells when what lies in it expires', async () => {
    expect((await find(() => expiry({})))[0]).toMatchObject({ status: 'ok', about: 'defender-secret' });
    expect((await find(() => expiry({ daysLeft: 6, notice: 7 })))[0]).toMatchObject({
      status: 'warning',
      code: 'credential_expires',
      text: expect.stringContaining('in 6 days') as string,
    });
    expect((await find(() => expiry({ daysLeft: -1, notice: 0 })))[0]).toMatchObject({ status: 'failed' });
    expect((await find(() => expiry({ expiresOn: undefined, daysLeft: undefined })))[0]).toMatchObject({
      status: 'warning',
      code: 'credential_expiry_unknown',
    });
  });

  it('lacks one, and the other is told nevertheless', async () => {
    const found = await find((usedFor) => {
      if (usedFor === 'defender') return expiry({});
      throw new SecretUnavailable({
        secretName: 'api-certificate',
        status: 404,
        serviceCode: 'SecretNotFound',
        requestId: 'vault-1',
        cause: undefined,
      });
    });
    expect(found).toMatchObject([
      { status: 'ok' },
      { status: 'failed', code: 'secret_unavailable', requestId: 'vault-1' },
    ]);
  });
});

describe('checks of one tenant', () => {
  it('run one at a time, beside those of others', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { examine } = createTestDoctor(issuer, { token: () => promise });
    const first = examine();
    await expect(examine()).rejects.toMatchObject({ code: 'access_check_running', httpStatus: 429 });
    const other = examine(application, 'fabrikam');
    resolve(await appToken(issuer));
    expect(await Promise.all([first, other])).toHaveLength(2);
    await expect(examine()).resolves.toMatchObject({ isReady: true });
  });

  it('are made of a paused tenant too, and of none that does not exist', async () => {
    const { examine } = createTestDoctor(issuer);
    expect((await examine(application, 'fabrikam')).tenant).toEqual({ id: customer.id, name: 'fabrikam' });
    await expect(examine(application, 'nobody')).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it('are refused to a caller who is limited to others, who does not learn which exist', async () => {
    const tenantsOf = new Map([[application.id, [customer.id]]]);
    const { examine } = createTestDoctor(issuer, {}, { tenantsOf });
    await expect(examine(application, 'home')).rejects.toMatchObject({ code: 'tenant_not_allowed' });
    await expect(examine(application, 'nobody')).rejects.toMatchObject({ code: 'tenant_not_allowed' });
    await expect(examine(application, 'fabrikam')).resolves.toBeDefined();
  });

  it('print for a customer the consent link and no command for their directory', async () => {
    const token = () => appToken(issuer, { tid: customer.id, roles: [] });
    const report = await createTestDoctor(issuer, { token }).examine(application, 'fabrikam');
    const [finding] = at(report, 'permission', 'pullAlerts');
    expect(finding?.command).toBe("npm run tenants -- consent-url 'fabrikam'");
    expect(finding?.advice).toContain(`${issuer.url}/${customer.id}/adminconsent?client_id=`);
  });

  it('end in time when a service is silent, and say which', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const token = (audience: string) => (isGraph(audience) ? silent() : appToken(issuer));
    const fetchSilently: typeof fetch = (_url, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => {
          reject(init.signal?.reason as Error);
        });
      });
    const { examine } = createTestDoctor(issuer, { token }, { budgetMs: 300, fetch: fetchSilently });
    const startedAt = performance.now();
    const report = await examine();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(at(report, 'token', 'graph')).toMatchObject([{ status: 'failed', code: 'timed_out' }]);
    expect(at(report, 'call', 'endpoint')).toMatchObject([{ status: 'failed', code: 'timed_out' }]);
  });

  it('end when the caller goes', async () => {
    const { doctor } = createTestDoctor(issuer);
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(doctor.examine(application, undefined, gone)).rejects.toThrow('gone');
  });
});

describe('a report', () => {
  it('shows no token and no secret, whatever goes wrong', async () => {
    const canary = await appToken(issuer);
    const failing = [
      createTestDoctor(issuer, { token: () => canary }),
      createTestDoctor(issuer, { token: () => Promise.reject(refused()) }),
      createTestDoctor(issuer, { token: () => Promise.reject(new Error(`it was ${canary}`)) }),
      createTestDoctor(issuer, {
        token: () => canary,
        answer: () => answer(500, { error: { message: canary } }),
      }),
    ];
    for (const { examine } of failing) {
      const text = JSON.stringify(await examine());
      expect(text).not.toContain(canary);
      expect(text).not.toMatch(/eyJ|CANARY/);
    }
  });
});
