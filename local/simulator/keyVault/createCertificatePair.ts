import { generate } from 'selfsigned';
import type { CertificatePair } from './pfx/createPfx.ts';

/** A new RSA key of 2,048 bits and a certificate that signs itself, for an application to sign in with. */
export async function createCertificatePair(
  commonName: string,
  startMs: number,
  expiresMs: number,
): Promise<CertificatePair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(startMs),
    notAfterDate: new Date(expiresMs),
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  });
  return { privateKey: `${made.private.trim()}\n`, certificate: `${made.cert.trim()}\n` };
}
