import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { asn1, pkcs12 } from 'node-forge';
import { CertificateUnusable } from './CertificateUnusable.ts';
import type { CertificateParts } from './readCertificate.ts';

type Forge = typeof import('node-forge');

/**
 * The parts of a PFX file in base64, as Key Vault gives it: without a password.
 *
 * Node 24 cannot take such files apart, and its OpenSSL does not know the ciphers of older ones (RC2), which Key Vault
 * still writes. The package is loaded when the first such file comes.
 * Source: RFC 7292
 * @throws CertificateUnusable
 */
export async function readPfx(name: string, text: string): Promise<CertificateParts> {
  const { default: forge } = await import('node-forge');
  const bytes = Buffer.from(text, 'base64');
  const outer = parseDer(forge, bytes);
  if (!outer || !isPfx(forge, outer)) {
    throw new CertificateUnusable(
      name,
      'it is neither PEM nor PFX; import it into Key Vault as a certificate',
    );
  }
  const file = open(forge, name, outer);
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = forge.pki.oids;
  const bags = (type: string | undefined) => (type ? (file.getBags({ bagType: type })[type] ?? []) : []);
  try {
    return {
      certificates: bags(certBag).map((bag) => new X509Certificate(toDer(forge, certificateOf(forge, bag)))),
      privateKey: [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)].map((bag) => toKey(forge, bag))[0],
    };
  } catch {
    throw new CertificateUnusable(name, 'a part of its PFX cannot be read; import it again');
  }
}

function parseDer(forge: Forge, bytes: Buffer): asn1.Asn1 | undefined {
  try {
    return forge.asn1.fromDer(bytes.toString('latin1'));
  } catch {
    return undefined;
  }
}

/** A sequence that begins with its version, 3. */
function isPfx(forge: Forge, { value }: asn1.Asn1): boolean {
  const [version] = Array.isArray(value) ? value : [];
  return version?.type === forge.asn1.Type.INTEGER && version.value === '\x03';
}

/** No password is written in two ways: as an empty one, and as none. */
function open(forge: Forge, name: string, outer: asn1.Asn1): pkcs12.Pkcs12Pfx {
  for (const password of ['', undefined]) {
    try {
      return forge.pkcs12.pkcs12FromAsn1(outer, password);
    } catch {
      // Tried with the other one, or told below.
    }
  }
  throw new CertificateUnusable(
    name,
    'its PFX does not open without a password; import it into Key Vault as a certificate, which takes the password off',
  );
}

function certificateOf(forge: Forge, bag: pkcs12.Bag): asn1.Asn1 {
  // The package understands RSA only, and leaves all others as they were.
  return bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
}

function toKey(forge: Forge, bag: pkcs12.Bag): KeyObject {
  const info = bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
  return createPrivateKey({ key: toDer(forge, info), format: 'der', type: 'pkcs8' });
}

function toDer(forge: Forge, value: asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1');
}
