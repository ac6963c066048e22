import forge from 'node-forge';
import type { TestSimulator } from './startTestSimulator.ts';

/** A secret of the vault as Key Vault shows it. */
export interface VaultSecret {
  readonly value: string;
  readonly contentType?: string;
  readonly id: string;
  readonly kid?: string;
  readonly managed?: boolean;
  readonly attributes: { readonly enabled: boolean; readonly exp?: number };
}

/** Reads a secret with the system-assigned identity. */
export async function readVault(simulator: TestSimulator, name: string): Promise<VaultSecret> {
  await simulator.control('DELETE', '/identity/cache');
  const identity = await simulator.fetch(
    `${simulator.urls.identity}?api-version=2019-08-01&resource=https://vault.azure.net`,
    { headers: { 'x-identity-header': simulator.identityHeader } },
  );
  const secret = await simulator.fetch(`${simulator.urls.keyVault}/secrets/${name}?api-version=7.6`, {
    headers: { authorization: `Bearer ${String(identity.json.access_token)}` },
  });
  if (secret.status !== 200) throw new Error(`${secret.status} ${secret.text}`);
  return secret.json as unknown as VaultSecret;
}

/** Key and certificate of a PFX without a password, as PEM; throws when its integrity does not hold. */
export function readPfx(base64: string): { readonly privateKey: string; readonly certificate: string } {
  const asn1 = forge.asn1.fromDer(forge.util.decode64(base64));
  const pfx = forge.pkcs12.pkcs12FromAsn1(asn1, true, '');
  const { certBag = '', pkcs8ShroudedKeyBag = '' } = forge.pki.oids;
  const key = pfx.getBags({ bagType: pkcs8ShroudedKeyBag })[pkcs8ShroudedKeyBag]?.[0]?.key;
  const cert = pfx.getBags({ bagType: certBag })[certBag]?.[0]?.cert;
  if (key === undefined || cert === undefined) throw new Error('Key or certificate is missing.');
  const info = forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key));
  return {
    privateKey: forge.pki.privateKeyInfoToPem(info),
    certificate: forge.pki.certificateToPem(cert),
  };
}
