import { ClientSecretCredential } from '@azure/identity';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import {
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../../local/simulator/startSimulator.ts';

/** The audience that Microsoft documents for Defender for Endpoint. */
export const defenderScope = 'https://api.securitycenter.microsoft.com/.default';

/** An answer with its JSON body, if it has one. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A simulator of its own for one test file, and short ways to talk to it. */
export interface TestSimulator extends Simulator {
  /** Calls the control surface; throws when it refuses. */
  control(method: string, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>>;
  /** Calls the control surface and returns the answer as it is. */
  tryControl(method: string, path: string, body?: unknown): Promise<Reply>;
  /** The client secret that lies in the vault, read with the system-assigned identity; empties its token cache. */
  readSecret(): Promise<string>;
  signIn(secret: string, tenant?: string): ClientSecretCredential;
  /** A token for Defender, got with the client secret. */
  getToken(scope?: string): Promise<string>;
  /** `GET` at Defender with a token; the path starts with `/api`. */
  get(path: string, token?: string): Promise<Reply>;
  /** The alerts that a query selects; throws unless the answer is 200. */
  list(query: Readonly<Record<string, string>>): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** `fetch`, its body read. */
  fetch(url: string, init?: RequestInit): Promise<Reply>;
}

/** Starts a simulator with a certificate that this process trusts. */
export async function startTestSimulator(options: Partial<SimulatorOptions> = {}): Promise<TestSimulator> {
  const folder = await mkdtemp(path.join(tmpdir(), 'simulator-'));
  const simulator = await startSimulator({ dataFolder: folder, ...options });
  tls.setDefaultCACertificates([...tls.getCACertificates(), await readFile(simulator.caFile, 'utf8')]);
  process.env.IDENTITY_ENDPOINT = simulator.urls.identity;
  process.env.IDENTITY_HEADER = simulator.identityHeader;
  const { urls, company } = simulator;
  let token: Promise<string> | undefined;

  const test: TestSimulator = {
    ...simulator,
    async stop() {
      await simulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
    async tryControl(method, where, body) {
      return readReply(
        await fetch(`${urls.control}${where}`, {
          method,
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      );
    },
    async control(method, where, body) {
      const reply = await test.tryControl(method, where, body);
      if (reply.status >= 300) throw new Error(`${method} ${where}: ${reply.status} ${reply.text}`);
      return reply.json;
    },
    async readSecret() {
      // Without the SDK: it keeps identity tokens for the whole process, and this must work after the clock was moved.
      await test.control('DELETE', '/identity/cache');
      const identity = await test.fetch(
        `${urls.identity}?api-version=2019-08-01&resource=https://vault.azure.net`,
        {
          headers: { 'x-identity-header': simulator.identityHeader },
        },
      );
      const secret = await test.fetch(`${urls.keyVault}/secrets/${company.secretName}?api-version=7.6`, {
        headers: { authorization: `Bearer ${String(identity.json.access_token)}` },
      });
      return String(secret.json.value);
    },
    signIn(secret, tenant = company.tenantId) {
      return new ClientSecretCredential(tenant, company.defenderClientId, secret, {
        authorityHost: urls.entra,
        disableInstanceDiscovery: true,
        retryOptions: { maxRetries: 0 },
      });
    },
    async getToken(scope = defenderScope) {
      return (await test.signIn(await test.readSecret()).getToken(scope)).token;
    },
    async get(where, given) {
      const bearer = given ?? (await (token ??= test.getToken()));
      return test.fetch(`${urls.defender}${where}`, { headers: { authorization: `Bearer ${bearer}` } });
    },
    async list(query) {
      const reply = await test.get(`/api/alerts?${new URLSearchParams(query).toString()}`);
      if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
      return reply.json.value as Readonly<Record<string, unknown>>[];
    },
    async fetch(url, init) {
      return readReply(await fetch(url, init));
    },
  };
  return test;
}

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: parseObject(text) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
