import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPfx, readVault } from './readVault.ts';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
beforeAll(async () => {
  simulator = await startTestSimulator();
});
afterAll(() => simulator.stop());

/** Whether a key belongs to a certificate. */
function belongs({ privateKey, certificate }: { privateKey: string; certificate: string }): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
}

// https://learn.microsoft.com/azure/key-vault/certificates/about-certificates
describe('A certificate of the vault', () => {
  it.each(['certificateName', 'apiCertificateName'] as const)(
    'is read with its key as the secret %s: a PFX without a password',
    async (name) => {
      const secret = await readVault(simulator, simulator.company[name]);
      expect(secret).toMatchObject({ contentType: 'application/x-pkcs12', managed: true });
      expect(secret.kid).toBe(secret.id.replace('/secrets/', '/keys/'));
      const pair = readPfx(secret.value);
      expect(belongs(pair)).toBe(true);
      expect(secret.attributes.exp).toBe(new X509Certificate(pair.certificate).validToDate.getTime() / 1000);
      expect(() =>
        createSecureContext({ pfx: Buffer.from(secret.value, 'base64'), passphrase: '' }),
      ).not.toThrow();
    },
  );

  it('is the same in every format, each a version of its own', async () => {
    const name = simulator.company.certificateName;
    const first = await readVault(simulator, name);
    const { certificate } = readPfx(first.value);
    await simulator.control('PATCH', `/keyvault/certificates/${name}`, { format: 'legacyPfx' });
    const legacy = await readVault(simulator, name);
    const old = readPfx(legacy.value);
    expect([legacy.contentType, belongs(old)]).toEqual(['application/x-pkcs12', true]);
    await simulator.control('PATCH', `/keyvault/certificates/${name}`, { format: 'pem' });
    const pem = await readVault(simulator, name);
    expect(pem.contentType).toBe('application/x-pem-file');
    expect(createPrivateKey(pem.value).export({ format: 'der', type: 'pkcs8' })).toEqual(
      createPrivateKey(old.privateKey).export({ format: 'der', type: 'pkcs8' }),
    );
    const raw = new X509Certificate(certificate).raw;
    expect([new X509Certificate(old.certificate).raw, new X509Certificate(pem.value).raw]).toEqual([
      raw,
      raw,
    ]);
    expect(new Set([first.id, legacy.id, pem.id]).size).toBe(3);
  });

  it('gets a new key and version when it is rotated, and the time of its end', async () => {
    const { certificateName: name } = simulator.company;
    const before = await readVault(simulator, name);
    const { version } = await simulator.control('POST', '/certificate/rotate', {
      expiresInSeconds: 86_400,
      format: 'pfx',
    });
    const after = await readVault(simulator, name);
    expect(after.id.endsWith(String(version))).toBe(true);
    expect(after.id).not.toBe(before.id);
    expect(Math.abs((after.attributes.exp ?? 0) - Date.now() / 1000 - 86_400)).toBeLessThan(60);
    expect(belongs(readPfx(after.value))).toBe(true);
  });

  it('shows the end that control sets', async () => {
    const name = simulator.company.certificateName;
    await simulator.control('PATCH', `/keyvault/secrets/${name}`, { expiresAt: '2031-02-03T04:05:06Z' });
    expect((await readVault(simulator, name)).attributes).toMatchObject({
      enabled: true,
      exp: Date.parse('2031-02-03T04:05:06Z') / 1000,
    });
  });

  it('is not there when nobody stored it', async () => {
    const { status } = await simulator.tryControl('PATCH', '/keyvault/certificates/unknown', {
      format: 'pem',
    });
    expect(status).toBe(404);
  });
});
