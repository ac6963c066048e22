import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOrCreateCertificate } from '../../../local/simulator/certificate.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'certificate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('The certificate', () => {
  it('is valid for localhost and 127.0.0.1, and its own authority', async () => {
    const { cert } = await readOrCreateCertificate(folder);
    const parsed = new X509Certificate(cert);
    expect([parsed.checkHost('localhost'), parsed.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
    expect([parsed.ca, parsed.verify(parsed.publicKey)]).toEqual([true, true]);
  });

  it('is kept for the next start', async () => {
    const first = await readOrCreateCertificate(folder);
    expect(await readOrCreateCertificate(folder)).toEqual(first);
    expect(await readFile(first.caFile, 'utf8')).toBe(first.cert);
  });

  it('keeps its key from other users, and out of the file for clients', async () => {
    const { caFile } = await readOrCreateCertificate(folder);
    expect(await readFile(caFile, 'utf8')).not.toContain('PRIVATE KEY');
    const { mode } = await stat(path.join(folder, 'tls.pem'));
    if (process.platform !== 'win32') expect(mode & 0o077).toBe(0);
  });

  it('is replaced when it expires within 30 days', async () => {
    const first = await readOrCreateCertificate(folder);
    const old = await generate([{ name: 'commonName', value: 'old' }], {
      keyType: 'ec',
      notAfterDate: new Date(Date.now() + 29 * 24 * 60 * 60 * 1000),
    });
    await writeFile(path.join(folder, 'tls.pem'), `${old.private}\n${old.cert}\n`);
    const renewed = await readOrCreateCertificate(folder);
    expect([old.cert.trim(), first.cert.trim()]).not.toContain(renewed.cert.trim());
    expect(await readOrCreateCertificate(folder)).toEqual(renewed);
  });

  it('is replaced when the file is damaged', async () => {
    await writeFile(path.join(folder, 'tls.pem'), 'damaged');
    const made = await readOrCreateCertificate(folder);
    expect(await readOrCreateCertificate(folder)).toEqual(made);
  });

  it('is the same for simulators that start at the same moment', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => readOrCreateCertificate(folder)));
    expect(new Set(made.map(({ cert }) => cert)).size).toBe(1);
  });

  it('explains a folder that cannot be used', async () => {
    await writeFile(path.join(folder, 'file'), '');
    await expect(readOrCreateCertificate(path.join(folder, 'file', 'below'))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('cannot keep its certificate in') as string,
    });
  });
});
