import { createHmac } from 'node:crypto';
import { CompactSign, exportSPKI, importJWK, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallerNotAllowed } from '../../src/http/CallerNotAllowed.ts';
import { CallerUnauthenticated } from '../../src/http/CallerUnauthenticated.ts';
import { TokenVerifier } from '../../src/http/TokenVerifier.ts';
import type { CallerSettings } from '../../src/settings/parseResponseSettings.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import {
  API_ID,
  API_URI,
  APP,
  createKey,
  NOW,
  OTHER_TENANT,
  PERSON,
  startIssuer,
  TENANT,
  type Claims,
  type SigningKey,
  type TestIssuer,
} from './support/testIssuer.ts';

let key: SigningKey;
let stranger: SigningKey;
let elliptic: SigningKey;
let issuer: TestIssuer;
beforeAll(async () => {
  [key, stranger, elliptic] = await Promise.all([
    createKey('key-1'),
    createKey('key-1'),
    createKey('key-ec', 'ES256'),
  ]);
  issuer = await startIssuer(key, elliptic);
});
afterAll(async () => {
  await issuer.close();
});

const verifierOf = (changes: Partial<CallerSettings> = {}) =>
  new TokenVerifier({ ...issuer.settings, ...changes }, new VirtualClock(NOW));

/** Who brings a token with these claims. */
async function callerWith(changes: Claims, settings: Partial<CallerSettings> = {}) {
  return (await verifierOf(settings).verify(await issuer.bearer(issuer.claims(changes)))).caller;
}

/** The claims of version 1 of the same application's token. */
const version1 = () => ({
  iss: `https://sts.windows.net/${TENANT}/`,
  ver: '1.0',
  azp: undefined,
  appid: APP,
});

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token put together by hand. */
function craft(header: Claims, claims: Claims, sign: (input: string) => string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `Bearer ${input}.${sign(input)}`;
}

describe('a token that holds', () => {
  it.each([
    ['2.0', 'client id', {}, API_ID],
    ['2.0', 'identifier URI', {}, API_URI],
    ['1.0', 'client id', version1(), API_ID],
    ['1.0', 'identifier URI', version1(), API_URI],
  ])('is taken in version %s, for the %s of the API', async (_version, _audience, changes, aud) => {
    expect(await callerWith({ ...changes, aud })).toEqual({
      kind: 'application',
      id: APP,
      name: undefined,
      applicationId: APP,
      roles: ['Defender.Respond'],
    });
  });

  it('is of an application when it has no scope, and its id is the client id', async () => {
    expect(await callerWith({ azp: APP.toUpperCase(), idtyp: 'app', app_displayname: 'Playbooks' })).toEqual({
      kind: 'application',
      id: APP,
      name: 'Playbooks',
      applicationId: APP,
      roles: ['Defender.Respond'],
    });
  });

  it.each([
    ['preferred_username', { preferred_username: 'ana@contoso.example', name: 'Ana' }, 'ana@contoso.example'],
    ['upn', { upn: 'ana@contoso.example', name: 'Ana' }, 'ana@contoso.example'],
    ['unique_name', { unique_name: 'ana@contoso.example' }, 'ana@contoso.example'],
    ['name', { name: 'Ana' }, 'Ana'],
    ['no name at all', {}, undefined],
  ])(
    'is of a person when it has a scope; the id is the object id, the name from %s',
    async (_, claims, name) => {
      const person = { scp: 'user_impersonation', oid: PERSON.toUpperCase(), ...claims };
      expect(await callerWith(person)).toEqual({
        kind: 'person',
        id: PERSON,
        name,
        applicationId: APP,
        roles: ['Defender.Respond'],
      });
    },
  );

  it.each([
    ['scopes of another form', { scp: ['user_impersonation'] }],
    ['a name that only people have', { upn: 'ana@contoso.example' }],
    ['the preferred name of a person', { preferred_username: 'ana@contoso.example' }],
    ['the type of a person', { idtyp: 'user' }],
  ])('is of a person, who must not have the rights of the app, when it has %s', async (_case, claims) => {
    expect(await callerWith({ oid: PERSON, ...claims })).toMatchObject({ kind: 'person', id: PERSON });
  });

  it('may have no role, or roles of another form, which count as none', async () => {
    expect((await callerWith({ roles: undefined })).roles).toEqual([]);
    expect((await callerWith({ roles: 'Defender.Respond' })).roles).toEqual([]);
    expect((await callerWith({ roles: ['Defender.Read', 5, null] })).roles).toEqual(['Defender.Read']);
  });

  it('names the tenant in any case', async () => {
    expect((await callerWith({ tid: TENANT.toUpperCase() })).id).toBe(APP);
  });

  it('is taken however its scheme is written', async () => {
    const bearer = await issuer.bearer(issuer.claims());
    const token = bearer.slice('Bearer '.length);
    for (const header of [`bearer ${token}`, `BEARER   ${token}`, ` Bearer ${token} `]) {
      expect((await verifierOf().verify(header)).caller.id, header.slice(0, 12)).toBe(APP);
    }
  });

  it('may be two minutes too old or too young, because clocks differ', async () => {
    const at = (seconds: number) => NOW / 1000 + seconds;
    expect((await callerWith({ exp: at(-119) })).id).toBe(APP);
    expect((await callerWith({ nbf: at(120) })).id).toBe(APP);
    await expect(callerWith({ exp: at(-120) })).rejects.toThrow('the token has expired');
    await expect(callerWith({ nbf: at(121) })).rejects.toThrow('the not-before time of the token');
  });
});

describe('a request without a token that holds', () => {
  it.each([[null], ['']])('has no token at all: %j', async (authorization) => {
    await expect(verifierOf().verify(authorization)).rejects.toMatchObject({
      code: 'caller_unauthenticated',
      httpStatus: 401,
      isTokenMissing: true,
    });
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer a.b',
    'Bearer a.b.c.d.e',
    'a.b.c',
    'Bearer a.b.c, Bearer a.b.c',
  ])('has something else in its Authorization header: %j', async (authorization) => {
    const failure = verifierOf().verify(authorization);
    await expect(failure).rejects.toThrow('the Authorization header holds no bearer token');
    await expect(failure).rejects.toMatchObject({ isTokenMissing: false });
  });

  const seconds = NOW / 1000;
  it.each<[string, () => Claims, string]>([
    ['for another API', () => ({ aud: 'https://graph.microsoft.com' }), 'audience'],
    ['for an API whose name only begins like ours', () => ({ aud: `${API_URI}-test` }), 'audience'],
    ['for nobody', () => ({ aud: undefined }), 'audience'],
    ['of another issuer', () => ({ iss: 'https://evil.example/v2.0' }), 'issuer'],
    [
      'of the same issuer for another tenant',
      () => ({ iss: `${issuer.url}/${OTHER_TENANT}/v2.0` }),
      'issuer',
    ],
    ['of version 1 of another tenant', () => ({ iss: `https://sts.windows.net/${OTHER_TENANT}/` }), 'issuer'],
    ['without an issuer', () => ({ iss: undefined }), 'issuer'],
    ['of another tenant', () => ({ tid: OTHER_TENANT }), 'another tenant'],
    ['without a tenant', () => ({ tid: undefined }), "claim 'tid'"],
    ['with a tenant of another form', () => ({ tid: [TENANT] }), 'another tenant'],
    ['that has expired', () => ({ exp: seconds - 3600 }), 'expired'],
    ['that never expires', () => ({ exp: undefined }), "claim 'exp'"],
    ['that expires at no number', () => ({ exp: 'tomorrow' }), "claim 'exp'"],
    ['that is not valid yet', () => ({ nbf: seconds + 3600 }), 'not-before time'],
    [
      'that is an ID token',
      () => ({ azp: undefined, preferred_username: 'ana@contoso.example' }),
      'no access token',
    ],
    ['of a person without an object id', () => ({ scp: 'x', oid: undefined }), 'no access token'],
    ['of a person that no application asked for', () => ({ scp: 'x', azp: undefined }), 'no access token'],
    ['of an application with an empty id', () => ({ azp: '' }), 'no access token'],
  ])('is one %s', async (_title, changes, why) => {
    const failure = callerWith(changes());
    await expect(failure).rejects.toBeInstanceOf(CallerUnauthenticated);
    await expect(failure).rejects.toThrow(why);
  });

  it.each([
    { aud: 'api://secret-name' },
    { iss: 'https://secret-name.example' },
    { tid: 'secret-name' },
    { exp: 'secret-name' },
  ])('is told which check failed, and nothing that the token holds: %j', async (changes) => {
    const failure = callerWith(changes);
    await expect(failure).rejects.toThrow(/^The caller cannot be told: .*\.$/);
    await expect(failure).rejects.toSatisfy((error) => !String(error).includes('secret-name'));
  });
});

describe('a forged token', () => {
  const refused: [string, string, () => Promise<string> | string][] = [
    [
      'whose claims were changed after signing',
      'signature',
      async () => {
        const [header, , signature] = (await issuer.bearer(issuer.claims())).split('.');
        return `${header ?? ''}.${encode(issuer.claims({ roles: ['Defender.Admin'] }))}.${signature ?? ''}`;
      },
    ],
    [
      'signed with a key of somebody else under a known id',
      'signature',
      () => issuer.bearer(issuer.claims(), stranger),
    ],
    [
      'whose signature is missing',
      'signature',
      async () => (await issuer.bearer(issuer.claims())).replace(/[^.]*$/, ''),
    ],
    [
      'without an algorithm and signature',
      'algorithm',
      () => craft({ alg: 'none', kid: 'key-1' }, issuer.claims(), () => ''),
    ],
    [
      'without an algorithm, in capitals',
      'algorithm',
      () => craft({ alg: 'NONE', kid: 'key-1' }, issuer.claims(), () => 'AAAA'),
    ],
    [
      'that names no algorithm',
      'cannot be read',
      () => craft({ kid: 'key-1' }, issuer.claims(), () => 'AAAA'),
    ],
    [
      'signed with HS256 and the public key as the secret',
      'algorithm',
      async () => {
        const pem = await exportSPKI((await importJWK(key.jwk, 'RS256')) as CryptoKey);
        return craft({ alg: 'HS256', kid: 'key-1' }, issuer.claims(), (input) =>
          createHmac('sha256', pem).update(input).digest('base64url'),
        );
      },
    ],
    [
      'signed with HS256 and the modulus as the secret',
      'algorithm',
      () =>
        craft({ alg: 'HS256', kid: 'key-1' }, issuer.claims(), (input) =>
          createHmac('sha256', Buffer.from(key.jwk.n ?? '', 'base64url'))
            .update(input)
            .digest('base64url'),
        ),
    ],
    [
      'signed with ES256, even with a key that is published',
      'algorithm',
      () => issuer.bearer(issuer.claims(), elliptic, { alg: 'ES256' }),
    ],
    [
      'that names the key of another algorithm',
      'unknown key',
      () => issuer.bearer(issuer.claims(), key, { kid: 'key-ec' }),
    ],
    [
      'that names no key',
      'unknown key',
      () => issuer.bearer(issuer.claims(), key, { kid: undefined as unknown as string }),
    ],
    ['that names an unknown key', 'unknown key', () => issuer.bearer(issuer.claims(), key, { kid: 'key-9' })],
    [
      'whose key id is a number',
      'unknown key',
      () => issuer.bearer(issuer.claims(), key, { kid: 1 as unknown as string }),
    ],
    [
      'whose key id is part of ours',
      'unknown key',
      () => issuer.bearer(issuer.claims(), key, { kid: 'key-' }),
    ],
    [
      'whose claims are no JSON, though signed by Entra',
      'cannot be read',
      async () => {
        const signed = new CompactSign(Buffer.from('not json'));
        return `Bearer ${await signed.setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(key.privateKey)}`;
      },
    ],
    ['whose header is no JSON', 'cannot be read', () => 'Bearer bm90LWpzb24.e30.AAAA'],
    [
      'that is encrypted by its header',
      'algorithm',
      () => craft({ alg: 'RSA-OAEP', enc: 'A256GCM' }, {}, () => 'AAAA'),
    ],
    [
      'that demands an extension',
      'cannot be read',
      () => craft({ alg: 'RS256', kid: 'key-1', crit: ['x'], x: 1 }, issuer.claims(), () => 'AAAA'),
    ],
  ];

  it.each(refused)('%s is refused: %s', async (_title, why, forge) => {
    const failure = verifierOf().verify(await forge());
    await expect(failure).rejects.toBeInstanceOf(CallerUnauthenticated);
    await expect(failure).rejects.toThrow(why);
  });

  it('that brings its own key, or says where to get it, is refused without asking there', async () => {
    const evil = await startIssuer(stranger);
    const own = { ...stranger, kid: 'key-own' };
    try {
      for (const header of [
        { jku: `${evil.url}/keys` },
        { jwk: stranger.jwk },
        { x5u: `${evil.url}/cert` },
      ]) {
        const failure = verifierOf().verify(await issuer.bearer(issuer.claims(), own, header));
        await expect(failure).rejects.toThrow('unknown key');
      }
      expect(evil.requests).toEqual([]);
    } finally {
      await evil.close();
    }
  });

  it.each(['RS384', 'RS512', 'PS256'])(
    'signed with %s is refused, since Entra does not use it',
    async (alg) => {
      const other = await createKey('key-1', alg);
      const failure = verifierOf().verify(await issuer.bearer(issuer.claims(), other, { alg }));
      await expect(failure).rejects.toThrow('algorithm');
    },
  );
});

describe('the list of applications that may call', () => {
  const allowedApplications = [APP];

  it('lets in an application that is on it, and a person through it', async () => {
    expect((await callerWith({}, { allowedApplications })).kind).toBe('application');
    expect((await callerWith({ scp: 'x', oid: PERSON }, { allowedApplications })).kind).toBe('person');
  });

  it('keeps out every other one, and persons through them, with 403 and its id', async () => {
    const other = OTHER_TENANT;
    for (const changes of [
      { azp: other },
      { azp: other, scp: 'x', oid: APP },
      { ...version1(), appid: other },
    ]) {
      const failure = callerWith(changes, { allowedApplications });
      await expect(failure).rejects.toBeInstanceOf(CallerNotAllowed);
      await expect(failure).rejects.toMatchObject({ httpStatus: 403, code: 'caller_not_allowed' });
      await expect(failure).rejects.toThrow(other);
    }
  });

  it('lets nobody in when it is empty', async () => {
    await expect(callerWith({}, { allowedApplications: [] })).rejects.toBeInstanceOf(CallerNotAllowed);
  });

  it('does not help a token that does not hold', async () => {
    const failure = callerWith({ tid: OTHER_TENANT }, { allowedApplications });
    await expect(failure).rejects.toBeInstanceOf(CallerUnauthenticated);
  });
});
