import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import forge from 'node-forge';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCertificatePair } from '../../local/simulator/keyVault/createCertificatePair.ts';
import { createPfx, type CertificatePair } from '../../local/simulator/keyVault/pfx/createPfx.ts';
import { CertificateUnusable } from '../../src/identity/CertificateUnusable.ts';
import { readCertificate } from '../../src/identity/readCertificate.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;

let pair: CertificatePair;
let authority: CertificatePair;
beforeAll(async () => {
  pair = await createCertificatePair('defender', START, START + 90 * DAY_MS);
  authority = await createCertificatePair('authority', START, START + 900 * DAY_MS);
});

const read = (value: string, contentType?: string) =>
  readCertificate('defender-cert', { value, version: '1', contentType, expiresOn: undefined });

/** SHA-256 of the DER form, as `openssl x509 -fingerprint -sha256` shows it. */
function thumbprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

const toHex = (thumbprint: string) => Buffer.from(thumbprint, 'base64url').toString('hex');

async function refusalOf(value: string): Promise<CertificateUnusable> {
  const outcome = await read(value).catch((error: unknown) => error);
  if (!(outcome instanceof CertificateUnusable)) throw new Error('It was not refused as unusable.');
  return outcome;
}

/** A PFX in the old form with this password, or with the other way of writing none. */
function protectedPfx(password: string | undefined): string {
  const key = forge.pki.privateKeyFromPem(pair.privateKey);
  const certificate = forge.pki.certificateFromPem(pair.certificate);
  const file = forge.pkcs12.toPkcs12Asn1(key, certificate, password as string, {
    algorithm: '3des',
    count: 10,
  });
  return forge.util.encode64(forge.asn1.toDer(file).getBytes());
}

describe('a certificate of Key Vault', () => {
  it.each([
    ['PFX as it is written now', () => createPfx(pair, 'modern').toString('base64')],
    ['PFX as it was written before, with RC2', () => createPfx(pair, 'legacy').toString('base64')],
    ['PFX with no password, written as none and not as an empty one', () => protectedPfx(undefined)],
    ['PEM, key first', () => pair.privateKey + pair.certificate],
    ['PEM, certificate first', () => pair.certificate + pair.privateKey],
    ['PEM with the chain', () => pair.privateKey + pair.certificate + authority.certificate],
    ['PEM with the chain turned round', () => authority.certificate + pair.certificate + pair.privateKey],
    ['PEM of Windows', () => (pair.privateKey + pair.certificate).replaceAll('\n', '\r\n')],
  ])('is read as %s', async (_form, write) => {
    const certificate = await read(write());
    expect(toHex(certificate.thumbprint)).toBe(thumbprintOf(pair.certificate));
    expect(certificate.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().trim()).toBe(
      pair.privateKey.trim(),
    );
    expect(certificate.notAfter).toBe(START + 90 * DAY_MS);
  });

  it('is read with a key in the old form of PEM', async () => {
    const certificate = await read(pair.privateKey + pair.certificate);
    const old = certificate.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString();
    expect(old).toContain('BEGIN RSA PRIVATE KEY');
    expect((await read(old + pair.certificate)).thumbprint).toBe(certificate.thumbprint);
  });

  it('may be used from its first to its last moment, and says which of the two it missed', async () => {
    const certificate = await read(pair.privateKey + pair.certificate);
    for (const at of [certificate.notBefore, START + DAY_MS, certificate.notAfter]) {
      expect(() => {
        certificate.verifyDates(at);
      }).not.toThrow();
    }
    expect(() => {
      certificate.verifyDates(certificate.notAfter + 1);
    }).toThrow(
      "Use certificate 'defender-cert' of Key Vault: it expired on 2027-02-19; put a new one into the vault and onto the app registration.",
    );
    expect(() => {
      certificate.verifyDates(certificate.notBefore - 1);
    }).toThrow("Use certificate 'defender-cert' of Key Vault: it is not valid before 2026-11-21.");
  });
});

describe('a value that is no usable certificate', () => {
  const elliptic = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString();
  const short = () =>
    generateKeyPairSync('rsa', { modulusLength: 1024 })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString();
  const encrypted = () =>
    generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();

  it.each([
    ['a client secret', () => 'Xy8Q~the-client-secret', 'it is neither PEM nor PFX'],
    ['nothing', () => '', 'it is neither PEM nor PFX'],
    [
      'a certificate in DER',
      () => new X509Certificate(pair.certificate).raw.toString('base64'),
      'it is neither PEM nor PFX',
    ],
    ['a certificate without its key', () => pair.certificate, 'it has no private key'],
    [
      'a key without its certificate',
      () => pair.privateKey,
      'no certificate in it belongs to its private key',
    ],
    [
      'the certificate of another key',
      () => pair.privateKey + authority.certificate,
      'no certificate in it belongs to its private key',
    ],
    [
      'a PFX with a password',
      () => protectedPfx('CANARY-password'),
      'its PFX does not open without a password',
    ],
    [
      'a PEM key with a password',
      () => encrypted() + pair.certificate,
      'its private key is protected by a password',
    ],
    ['a key on an elliptic curve', () => elliptic() + pair.certificate, 'its key is of the kind ec'],
    ['a short key', () => short() + pair.certificate, 'its key has 1024 bits, and 2048 are needed'],
    [
      'a PEM block that is damaged',
      () => pair.privateKey + pair.certificate.replace(/MII/, 'AAA'),
      "its PEM block 'CERTIFICATE' cannot be read",
    ],
  ])('such as %s is refused with what to do', async (_case, write, why) => {
    const error = await refusalOf(write());
    expect(error).toMatchObject({ code: 'certificate_unusable', retryable: false });
    expect(error.message).toContain(`Use certificate 'defender-cert' of Key Vault: ${why}`);
  });

  it('is never anything but refused or read, however it is damaged, and never shown', async () => {
    const forms = [
      createPfx(pair, 'modern').toString('base64'),
      createPfx(pair, 'legacy').toString('base64'),
      pair.privateKey + pair.certificate,
    ];
    const damage = fc.record({
      form: fc.constantFrom(...forms),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('cut', 'change', 'drop'),
      character: fc.constantFrom('A', 'z', '+', '-', '\n'),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ form, at, kind, character }) => {
        const index = Math.floor(at * (form.length - 1));
        const rest = form.slice(index + 1);
        const value =
          kind === 'cut'
            ? form.slice(0, index)
            : form.slice(0, index) + (kind === 'change' ? character : '') + rest;
        const outcome: unknown = await read(value).catch((error: unknown) => error);
        if (!(outcome instanceof Error)) return;
        expect(outcome).toBeInstanceOf(CertificateUnusable);
        const shown = [outcome.message, outcome.stack, JSON.stringify(outcome), String(outcome.cause)].join();
        for (let start = 0; start + 40 <= value.length; start += 997) {
          expect(shown).not.toContain(value.slice(start, start + 40));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('may be any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const error = await refusalOf(Buffer.from(bytes).toString('base64'));
        expect(error.code).toBe('certificate_unusable');
      }),
      { numRuns: 40 },
    );
  });
});
