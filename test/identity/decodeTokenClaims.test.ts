import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTokenClaims } from '../../src/identity/decodeTokenClaims.ts';

function jwtWith(claims: unknown): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}.c2lnbmF0dXJl`;
}

describe('the claims of a token', () => {
  it('are tenant, application and roles of an app-only token', () => {
    const token = jwtWith({ tid: 'tenant', appid: 'app', roles: ['Alert.Read.All', 'Ti.Read'] });
    expect(decodeTokenClaims(token)).toEqual({
      tenantId: 'tenant',
      applicationId: 'app',
      isPerson: false,
      personName: undefined,
      scopes: [],
      roles: ['Alert.Read.All', 'Ti.Read'],
    });
  });

  it('are name and scopes of a person, for whom the application acts', () => {
    const token = jwtWith({
      tid: 'tenant',
      appid: 'app',
      upn: 'analyst@contoso.example',
      scp: 'Alert.Read  Ti.Read ',
    });
    expect(decodeTokenClaims(token)).toEqual({
      tenantId: 'tenant',
      applicationId: 'app',
      isPerson: true,
      personName: 'analyst@contoso.example',
      scopes: ['Alert.Read', 'Ti.Read'],
      roles: [],
    });
    expect(decodeTokenClaims(jwtWith({ scp: 'x', preferred_username: 'a@b' }))?.personName).toBe('a@b');
  });

  it.each([[' '], [''], [['Alert.Read']], [5], [null]])('are not those of a person with `scp` %j', (scp) => {
    expect(decodeTokenClaims(jwtWith({ scp }))).toMatchObject({ isPerson: false, scopes: [] });
  });

  it('take the application from `azp`, as tokens of version 2 name it', () => {
    expect(decodeTokenClaims(jwtWith({ azp: 'app' }))?.applicationId).toBe('app');
  });

  it('are absent or empty where the token does not carry them', () => {
    expect(decodeTokenClaims(jwtWith({}))).toEqual({
      tenantId: undefined,
      applicationId: undefined,
      isPerson: false,
      personName: undefined,
      scopes: [],
      roles: [],
    });
  });

  it.each([
    [{ roles: 'Alert.Read.All' }, []],
    [{ roles: { 0: 'Alert.Read.All' } }, []],
    [{ roles: null }, []],
    [{ roles: ['Alert.Read.All', 5, null, ['x']] }, ['Alert.Read.All']],
  ])('take of %j only roles that are text in a list', (claims, roles) => {
    expect(decodeTokenClaims(jwtWith(claims))?.roles).toEqual(roles);
  });

  it('do not hold a tenant or application that is no text', () => {
    expect(decodeTokenClaims(jwtWith({ tid: 5, appid: ['x'], azp: null }))).toMatchObject({
      tenantId: undefined,
      applicationId: undefined,
    });
  });

  it.each([
    ['an empty text', ''],
    ['an opaque token', 'EwBwA8l6BAAU7p9QDpi'],
    ['dots alone', '..'],
    ['a middle that is no JSON', 'a.b.c'],
    ['a middle that is JSON of another kind', jwtWith('text')],
    ['null', jwtWith(null)],
    ['a number', jwtWith(5)],
    ['an encrypted token', 'eyJhbGciOiJSU0EtT0FFUCJ9.c2VjcmV0LWtleQ.aXY.Y2lwaGVydGV4dA.dGFn'],
  ])('are unknown for %s', (_case, token) => {
    expect(decodeTokenClaims(token)).toBeUndefined();
  });

  it('are given or unknown, and never an error, whatever the token is', () => {
    const garbage = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json().map(jwtWith));
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 4 }), (parts) => {
        const claims = decodeTokenClaims(parts.join('.'));
        expect(claims === undefined || Array.isArray(claims.roles)).toBe(true);
      }),
    );
  });
});
