import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { OnBehalfOfRefused } from '../../src/identity/OnBehalfOfRefused.ts';
import { permissionTable } from '../../src/identity/permissions.ts';
import type { Asker } from '../../src/tenants/TenantAccess.ts';
import {
  API_ID,
  createKey,
  NOW,
  OTHER_TENANT,
  startIssuer,
  TENANT,
  type TestIssuer,
} from '../http/support/testIssuer.ts';
import {
  allScopes,
  answer,
  at,
  createSettings,
  createTestDoctor,
  personToken,
} from './support/createTestDoctor.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer(await createKey('one'));
});
afterAll(() => issuer.close());

const person = (tenantId = TENANT): Asker => ({
  id: 'ana',
  person: { token: 'CANARY-assertion', tenantId, expiresAt: NOW + 3_600_000 },
});

describe('what is done on behalf of people', () => {
  it('cannot be tried by an application, and says how it is set up', async () => {
    const report = await createTestDoctor(issuer).examine();
    expect(at(report, 'onBehalfOf')).toMatchObject([
      { status: 'skipped', text: expect.stringContaining(`${API_ID} by federated`) as string },
    ]);
    expect(report.person).toBeUndefined();
  });

  it('is tried for a person who asks: the exchange, the scopes, and a call as them', async () => {
    const report = await createTestDoctor(issuer).examine(person());
    expect(report.isReady).toBe(true);
    expect(report.person?.name).toBe('ana@contoso.example');
    const granted = report.person?.features.filter(({ isOn }) => isOn).map(({ isGranted }) => isGranted);
    expect(new Set(granted)).toEqual(new Set([true]));
    expect(report.tokens.filter(({ how }) => how === 'onBehalfOf')).toMatchObject([
      { api: 'endpoint', person: 'ana@contoso.example', applicationId: API_ID, scopes: allScopes.split(' ') },
      { api: 'graph' },
      { api: 'xdr' },
    ]);
    expect(report.calls.filter((call) => call.as === 'person').map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    expect(JSON.stringify(report)).not.toMatch(/CANARY|eyJ/);
  });

  it.each(Object.entries(permissionTable))(
    'names exactly the scope that is missing: %s',
    async (name, row) => {
      const settings = createSettings(issuer, {
        HUNTING_API: name === 'huntWithEndpoint' ? 'endpoint' : name === 'huntWithXdr' ? 'xdr' : 'graph',
        ALERTS_API: name === 'pullAlerts' || name === 'readAlertsFromGraph' ? 'graph' : 'endpoint',
        INCIDENTS_API: name === 'readIncidentsFromXdr' ? 'xdr' : 'graph',
        ALERT_PULL_SCHEDULE: name === 'readAlertsFromEndpoint' ? undefined : '0 0 0 * * *',
      });
      const scp = allScopes.split(' ').filter((scope) => scope !== row.delegatedScope);
      const token = () => personToken(issuer, { scp: scp.join(' ') });
      const report = await createTestDoctor(issuer, { personToken: token }, { settings }).examine(person());
      expect(report.person?.features.filter(({ missing }) => missing.length > 0)).toMatchObject([
        { feature: row.feature, isGranted: false, missing: [row.delegatedScope] },
      ]);
      const [finding] = at(report, 'onBehalfOf', row.feature).filter(({ status }) => status === 'warning');
      expect(finding?.command).toBe(`${issuer.url}/${TENANT}/adminconsent?client_id=${API_ID}`);
      // Applications are served as before.
      expect(report.isReady).toBe(true);
    },
  );

  it('is a warning when it is this person whom Defender or Entra does not let', async () => {
    const byDefender = await createTestDoctor(issuer, {
      answer: () => answer(403, { error: { code: 'Forbidden' } }),
    }).examine(person());
    expect(at(byDefender, 'onBehalfOf').filter(({ code }) => code === 'person_not_permitted')).toMatchObject([
      { status: 'warning', text: expect.stringContaining('role in the Defender portal') as string },
      { status: 'warning' },
      { status: 'warning' },
    ]);
    const byEntra = await createTestDoctor(issuer, {
      personToken: () =>
        Promise.reject(
          new OnBehalfOfRefused({
            subject: 'x',
            failure: {
              error: 'interaction_required',
              number: '50076',
              correlationId: 'c1',
              traceId: undefined,
              claims: undefined,
              isPassing: false,
            },
            authorizeUrl: 'https://login.example',
            tenantId: TENANT,
            cause: undefined,
          }),
        ),
    }).examine(person());
    expect(byEntra.isReady).toBe(true);
    expect(at(byEntra, 'onBehalfOf', 'graph')[0]).toMatchObject({
      status: 'warning',
      code: 'on_behalf_of_refused',
      requestId: 'c1',
    });
  });

  it('is a failure when the registration cannot prove itself: then nobody is served', async () => {
    const personRefused = () =>
      Promise.reject(
        new CredentialRefused({ subject: 'x', error: 'invalid_client', number: '7000215', cause: undefined }),
      );
    const report = await createTestDoctor(issuer, { personToken: personRefused }).examine(person());
    expect(report.isReady).toBe(false);
    expect(report.problems[0]?.code).toBe('credential_refused');
  });

  it('ends at the tenant where the person signed in', async () => {
    const report = await createTestDoctor(issuer).examine(person(OTHER_TENANT));
    expect(at(report, 'onBehalfOf')).toMatchObject([{ status: 'skipped' }]);
    expect(report.calls.every(({ as }) => as === 'application')).toBe(true);
  });

  it('cannot work with a system-assigned identity, which no registration can trust', async () => {
    const settings = createSettings(issuer, { AZURE_CLIENT_ID: undefined });
    const report = await createTestDoctor(issuer, {}, { settings }).examine(person());
    expect(at(report, 'onBehalfOf')).toMatchObject([
      { status: 'warning', code: 'user_assigned_identity_needed' },
    ]);
  });

  it('is looked for in a fresh token, because the one that is kept may be from before the consent', async () => {
    const tokens = [await personToken(issuer, { scp: 'Nothing.Read' }), await personToken(issuer)];
    const getToken = (_audience: string, _signal: AbortSignal, before?: string) =>
      Promise.resolve((before === undefined ? tokens[0] : tokens[1]) ?? '');
    const onBehalfOf = { tokensFor: () => ({ getToken }) };
    const report = await createTestDoctor(issuer, {}, { onBehalfOf }).examine(person());
    expect(report.person?.features.flatMap(({ missing }) => missing)).toEqual([]);
  });

  it('can be off', async () => {
    const settings = createSettings(issuer, { ON_BEHALF_OF_CREDENTIAL: 'off' });
    const report = await createTestDoctor(issuer, {}, { settings, onBehalfOf: undefined }).examine(person());
    expect(at(report, 'onBehalfOf')).toMatchObject([
      { status: 'skipped', text: expect.stringContaining('Off') as string },
    ]);
  });
});
