import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOnBehalfOf } from '../../src/identity/createOnBehalfOf.ts';
import { decodeTokenClaims } from '../../src/identity/decodeTokenClaims.ts';
import { OnBehalfOfRefused } from '../../src/identity/OnBehalfOfRefused.ts';
import type { PersonAssertion } from '../../src/identity/TokenSource.ts';
import { systemClock } from '../../src/runtime/Clock.ts';
import type { ProofSettings } from '../../src/settings/parseIdentity.ts';
import { startTestSimulator, type TestSimulator } from '../local/simulator/startTestSimulator.ts';
import { collectLogs } from '../support/collectLogs.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { apiOf, identityOf, shownOf } from './support/identities.ts';

const AUDIENCE = 'https://api.securitycenter.microsoft.com';
const GRAPH = 'https://graph.microsoft.com';
const never = new AbortController().signal;

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());
afterEach(async () => {
  await simulator.control('DELETE', '/entra/conditional-access');
  await simulator.control('DELETE', '/requests');
});

function create(kind: ProofSettings['kind'], clock = systemClock) {
  const logs = collectLogs();
  const identity = identityOf(simulator, 'federated');
  return { logs, onBehalfOf: createOnBehalfOf(identity, apiOf(simulator, kind), clock, logs.logger) };
}

/** A person who calls the functions, by the token that their client got for them. */
async function person(
  user = 'analyst',
  changes: Readonly<Record<string, unknown>> = {},
): Promise<PersonAssertion> {
  const order = { user, ...changes };
  const { token, expiresAt } = await simulator.control('POST', '/entra/caller-tokens', order);
  return {
    token: String(token),
    tenantId: simulator.company.tenantId,
    expiresAt: Date.parse(String(expiresAt)),
  };
}

async function exchanges(): Promise<number> {
  const { requests } = (await simulator.control('GET', '/requests?service=entra')) as {
    requests: { method: string }[];
  };
  return requests.filter(({ method }) => method === 'POST').length;
}

async function refusalOf(call: Promise<unknown>): Promise<OnBehalfOfRefused> {
  const [outcome] = await Promise.allSettled([call]);
  if (outcome.status === 'rejected' && outcome.reason instanceof OnBehalfOfRefused) return outcome.reason;
  throw new Error('It was not refused on account of the person.', {
    cause: outcome.status === 'rejected' ? outcome.reason : undefined,
  });
}

describe.each(['federated', 'clientSecret', 'clientCertificate'] as const)(
  'the token of a person, exchanged by %s',
  (kind) => {
    it('is one that acts for them, with delegated scopes', async () => {
      const { onBehalfOf } = create(kind);
      const token = await onBehalfOf.tokensFor(await person()).getToken(AUDIENCE, never);
      const claims = decodeTokenClaims(token);
      expect(claims).toMatchObject({
        isPerson: true,
        tenantId: simulator.company.tenantId,
        applicationId: simulator.company.apiClientId,
        roles: [],
      });
      expect(claims?.scopes).toContain('Alert.Read');
      expect((await simulator.get('/api/alerts?$top=1', token)).status).toBe(200);
    });
  },
);

describe('exchanged tokens', () => {
  it('are kept per person and audience, and asked for once for concurrent calls', async () => {
    const { onBehalfOf } = create('federated');
    const people = [await person('analyst'), await person('reader')];
    const wanted = people.flatMap((one) => [AUDIENCE, GRAPH].map((audience) => ({ one, audience })));
    await simulator.control('DELETE', '/requests');
    const round = () =>
      Promise.all(
        [...wanted, ...wanted].map(({ one, audience }) =>
          // Another object with the same token, as with each request.
          onBehalfOf.tokensFor({ ...one }).getToken(audience, never),
        ),
      );
    const first = await round();
    expect(await round()).toEqual(first);
    expect(new Set(first).size).toBe(4);
    expect(await exchanges()).toBe(4);
  });

  it('are not given beyond the life of the token that they were exchanged for', async () => {
    const clock = new VirtualClock(Date.now());
    const { onBehalfOf } = create('federated', clock);
    const analyst = { ...(await person()), expiresAt: clock.now() + 10 * 60_000 };
    const tokens = onBehalfOf.tokensFor(analyst);
    const first = await tokens.getToken(AUDIENCE, never);
    clock.advance(10 * 60_000 - 1);
    expect(await tokens.getToken(AUDIENCE, never)).toBe(first);
    clock.advance(1);
    expect(await tokens.getToken(AUDIENCE, never)).not.toBe(first);
  });

  it('are limited in number: those used longest ago give way', async () => {
    const { onBehalfOf } = create('federated');
    const analyst = await person();
    const first = await onBehalfOf.tokensFor(analyst).getToken(AUDIENCE, never);
    // Nobody's tokens; they are kept like those of people until Entra is asked.
    for (let index = 0; index < 1_000; index += 1) {
      const nobody = { ...analyst, token: `nobody-${index}` };
      await onBehalfOf
        .tokensFor(nobody)
        .getToken(AUDIENCE, AbortSignal.abort())
        .catch(() => undefined);
    }
    expect(await onBehalfOf.tokensFor(analyst).getToken(AUDIENCE, never)).not.toBe(first);
  });

  it('go on when the secret of the API registration is rotated', async () => {
    const { logs, onBehalfOf } = create('clientSecret');
    await onBehalfOf.tokensFor(await person('analyst')).getToken(AUDIENCE, never);
    const principal = simulator.company.apiClientId;
    await simulator.control('POST', '/secret/rotate', { principal, revokeOld: true });
    const token = await onBehalfOf.tokensFor(await person('reader')).getToken(AUDIENCE, never);
    expect(decodeTokenClaims(token)?.isPerson).toBe(true);
    expect(logs.of('credential_secret_rotated')).toHaveLength(1);
  });
});

describe('a person for whom Entra gives no token', () => {
  it('is told that consent is missing', async () => {
    const { onBehalfOf } = create('federated');
    const consent = { principal: simulator.company.apiClientId, tenant: simulator.company.tenantId };
    await simulator.control('POST', '/entra/consents', { ...consent, granted: false });
    const error = await refusalOf(onBehalfOf.tokensFor(await person()).getToken(AUDIENCE, never));
    expect(error).toMatchObject({ code: 'on_behalf_of_refused', httpStatus: 403, number: '65001' });
    expect(error.message).toContain('nobody consented to what the application asks for');
    expect(error.wwwAuthenticate).toBeUndefined();
    await simulator.control('POST', '/entra/consents', consent);
    expect(await onBehalfOf.tokensFor(await person()).getToken(AUDIENCE, never)).toMatch(/^ey/);
  });

  it.each([
    ['multifactor', '50076', 'a second factor is needed', 'interaction_required'],
    ['enrolment', '50079', 'a second factor must be set up', 'interaction_required'],
    ['block', '53003', 'Conditional Access blocks it', 'invalid_grant'],
  ])(
    'is told what Conditional Access asks for (%s), with the challenge',
    async (demand, number, words, error) => {
      await simulator.control('POST', '/entra/conditional-access', { demand, error });
      const { onBehalfOf } = create('federated');
      const analyst = await person();
      const refusal = await refusalOf(onBehalfOf.tokensFor(analyst).getToken(AUDIENCE, never));
      expect(refusal).toMatchObject({ number, error, httpStatus: 403 });
      expect(refusal.message).toContain(words);
      expect(JSON.parse(refusal.claims ?? '')).toHaveProperty('access_token');
      expect(refusal.wwwAuthenticate).toContain(
        `authorization_uri="${simulator.urls.entra}/${simulator.company.tenantId}/oauth2/v2.0/authorize", error="insufficient_claims"`,
      );
      expect(refusal.requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect(shownOf(refusal)).not.toContain(analyst.token.slice(-40));
      expect(shownOf(refusal)).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}/);
    },
  );

  it('gets through once they signed in with what was asked for', async () => {
    await simulator.control('POST', '/entra/conditional-access', { demand: 'multifactor' });
    const { onBehalfOf } = create('federated');
    const analyst = await person('analyst', { multifactor: true });
    expect(await onBehalfOf.tokensFor(analyst).getToken(AUDIENCE, never)).toMatch(/^ey/);
  });

  it('is told that their token has expired', async () => {
    const { onBehalfOf } = create('federated');
    const late = await person('analyst', { expiresInSeconds: -60 });
    const error = await refusalOf(onBehalfOf.tokensFor(late).getToken(AUDIENCE, never));
    expect(error).toMatchObject({ number: '500133' });
    expect(error.message).toContain('get a new token and send the request again');
  });

  it('is told that their token is for something else', async () => {
    const { onBehalfOf } = create('federated');
    const other = await person('analyst', { audience: GRAPH });
    const error = await refusalOf(onBehalfOf.tokensFor(other).getToken(AUDIENCE, never));
    expect(error.message).toContain('the token of the person is for another application');
  });
});

describe('an API registration that cannot prove itself', () => {
  it('is the fault of the deployment, and named as that', async () => {
    const { company, urls } = simulator;
    // The secret of the other registration.
    const proof = { kind: 'clientSecret', vaultUrl: urls.keyVault, name: company.secretName } as const;
    const application = { clientId: company.apiClientId, proof };
    const onBehalfOf = createOnBehalfOf(
      identityOf(simulator, 'federated'),
      application,
      systemClock,
      collectLogs().logger,
    );
    await expect(onBehalfOf.tokensFor(await person()).getToken(AUDIENCE, never)).rejects.toMatchObject({
      code: 'credential_refused',
      httpStatus: 502,
      number: '7000215',
      message: expect.stringContaining(
        `as the API registration ${company.apiClientId} (ON_BEHALF_OF_CLIENT_ID) on behalf of a person`,
      ) as string,
    });
  });
});
