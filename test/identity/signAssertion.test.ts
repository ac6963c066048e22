import { randomUUID, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, importX509, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createCertificatePair } from '../../local/simulator/keyVault/createCertificatePair.ts';
import { readCertificate } from '../../src/identity/readCertificate.ts';
import { signAssertion } from '../../src/identity/signAssertion.ts';

const NOW = Date.parse('2026-11-21T12:00:00.900Z');
const TOKEN_URL = 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token';

describe('the assertion of an application with a certificate', () => {
  it('has the form that Microsoft documents, and holds for its certificate', async () => {
    const pair = await createCertificatePair('defender', NOW - 1_000, NOW + 86_400_000);
    const value = pair.privateKey + pair.certificate;
    const certificate = await readCertificate('n', {
      value,
      version: '1',
      contentType: undefined,
      expiresOn: undefined,
    });
    const clientId = randomUUID();
    const sign = () => signAssertion({ certificate, clientId, tokenUrl: TOKEN_URL, now: NOW });
    const assertion = await sign();
    const thumbprint = Buffer.from(
      new X509Certificate(pair.certificate).fingerprint256.replaceAll(':', ''),
      'hex',
    );
    expect(decodeProtectedHeader(assertion)).toEqual({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': thumbprint.toString('base64url'),
    });
    const { payload } = await jwtVerify(assertion, await importX509(pair.certificate, 'PS256'), {
      currentDate: new Date(NOW),
    });
    const issuedAt = Math.floor(NOW / 1000);
    expect(payload).toMatchObject({
      iss: clientId,
      sub: clientId,
      aud: TOKEN_URL,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + 300,
    });
    // Nobody may show it twice.
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(await sign()).not.toBe(assertion);
  });
});
