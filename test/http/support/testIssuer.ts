import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';
import type { CallerSettings } from '../../../src/settings/parseResponseSettings.ts';
import { startServer, type TestServer } from '../../support/startServer.ts';

export const TENANT = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
export const OTHER_TENANT = '11111111-2222-3333-4444-555555555555';
/** The API registration: its client id, and its identifier URI. */
export const API_ID = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
export const API_URI = 'api://defender-functions';
/** The application that calls. */
export const APP = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const PERSON = '99998888-7777-6666-5555-444433332222';
export const NOW = Date.parse('2026-11-21T12:00:00Z');

export type Claims = Readonly<Record<string, unknown>>;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
}

/** The discovery document and the keys of one tenant, as Entra publishes them, and tokens signed with them. */
export interface TestIssuer extends TestServer {
  readonly settings: CallerSettings;
  /** The keys that are published. */
  published: readonly SigningKey[];
  /** Which documents are not served now. */
  readonly broken: Set<'discovery' | 'keys'>;
  /** How often each document was asked for. */
  readonly asked: () => { readonly discovery: number; readonly keys: number };
  /** Called when the keys are asked for. */
  onKeys: () => void;
  /** The claims of an application's token, version 2, with changes; undefined takes one away. */
  readonly claims: (changes?: Claims) => Claims;
  /** The value of an Authorization header. */
  readonly bearer: (
    claims: Claims,
    key?: SigningKey,
    header?: Partial<JWTHeaderParameters>,
  ) => Promise<string>;
}

export async function startIssuer(...keys: readonly SigningKey[]): Promise<TestIssuer> {
  const server = await startServer((response, { path }) => {
    const document = path.includes('/.well-known/') ? 'discovery' : 'keys';
    if (document === 'keys') issuer.onKeys();
    if (issuer.broken.has(document)) {
      response.writeHead(503).end();
      return;
    }
    const body =
      document === 'discovery'
        ? { issuer: `${server.url}/${TENANT}/v2.0`, jwks_uri: `${server.url}/${TENANT}/discovery/v2.0/keys` }
        : { keys: issuer.published.map(({ jwk }) => jwk) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const seconds = NOW / 1000;
  const issuer: TestIssuer = {
    ...server,
    settings: {
      auth: 'entra',
      publicBaseUrl: 'https://contoso.example',
      authorityHost: server.url,
      tenantId: TENANT,
      audiences: [API_ID, API_URI],
      allowedApplications: undefined,
      tenantsOf: new Map(),
      personRequiredFor: [],
    },
    published: keys,
    broken: new Set(),
    asked: () => {
      const discovery = server.requests.filter(({ path }) => path.includes('/.well-known/')).length;
      return { discovery, keys: server.requests.length - discovery };
    },
    onKeys: () => undefined,
    claims: (changes = {}) => ({
      iss: `${server.url}/${TENANT}/v2.0`,
      aud: API_ID,
      tid: TENANT,
      ver: '2.0',
      azp: APP,
      oid: 'aaaa0000-bbbb-1111-cccc-2222dddd3333',
      roles: ['Defender.Respond'],
      iat: seconds - 300,
      nbf: seconds - 300,
      exp: seconds + 3600,
      ...changes,
    }),
    bearer: async (claims, key = issuer.published[0], header = {}) => {
      if (!key) throw new Error('there is no key');
      // JSON leaves out what is undefined.
      const payload = JSON.parse(JSON.stringify(claims)) as Record<string, unknown>;
      const token = await new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header })
        .sign(key.privateKey);
      return `Bearer ${token}`;
    },
  };
  return issuer;
}
