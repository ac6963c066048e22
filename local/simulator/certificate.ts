import { X509Certificate, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'selfsigned';
import { StartError } from './StartError.ts';

/** What a TLS server and its clients need. */
export interface Certificate {
  /** PEM, private. */
  readonly key: string;
  /** PEM; it signed itself, so clients trust it by taking it as an authority. */
  readonly cert: string;
  /** File with `cert`, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
}

const dayMs = 24 * 60 * 60 * 1000;
const validityDays = 365;
const renewBeforeDays = 30;

/**
 * The certificate for `localhost` and `127.0.0.1` in `folder`, made on first use and renewed 30 days before it expires.
 * Throws `StartError` when the folder cannot be written.
 *
 * Uses the host's clock: TLS clients do too, whatever the simulated clock says.
 */
export async function readOrCreateCertificate(folder: string): Promise<Certificate> {
  const pairFile = path.join(folder, 'tls.pem');
  const caFile = path.resolve(folder, 'ca.pem');
  try {
    await mkdir(folder, { recursive: true });
    const pair = (await findUsablePair(pairFile)) ?? (await createPair(pairFile));
    await replaceFile(caFile, pair.cert);
    return { ...pair, caFile };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The simulator cannot keep its certificate in ${folder}: ${reason}.`, {
      cause: error,
    });
  }
}

async function findUsablePair(file: string): Promise<{ key: string; cert: string } | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (key === undefined || cert === undefined) return undefined;
  const expires = Date.parse(new X509Certificate(cert).validTo);
  return expires - Date.now() > renewBeforeDays * dayMs ? { key: `${key}\n`, cert: `${cert}\n` } : undefined;
}

async function createPair(file: string): Promise<{ key: string; cert: string }> {
  // A name of its own: OpenSSL finds authorities by name and takes the first, when a process trusts several simulators.
  const name = `Defender Functions simulator ${randomUUID()}`;
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec', // Made in milliseconds; RSA would cost a good part of the start.
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - dayMs),
    notAfterDate: new Date(Date.now() + validityDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const pair = { key: `${made.private.trim()}\n`, cert: `${made.cert.trim()}\n` };
  return (await storePair(file, pair)) ? pair : ((await findUsablePair(file)) ?? pair);
}

/** False when another simulator, starting at the same time, stored its pair first. */
async function storePair(file: string, pair: { key: string; cert: string }): Promise<boolean> {
  // Key and certificate share one file, so that two simulators starting at once cannot mix theirs.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, pair.key + pair.cert, { mode: 0o600 });
  try {
    await link(temporary, file); // Unlike a rename, this never replaces the pair of another simulator.
  } catch {
    if ((await findUsablePair(file)) !== undefined) return false;
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return true;
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
