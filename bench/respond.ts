import { randomUUID } from 'node:crypto';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { readFileSync } from 'node:fs';
import { Api } from '../test/e2e/support/Api.ts';
import { Devices } from '../test/e2e/support/Devices.ts';
import { System } from '../test/e2e/support/System.ts';

// What a call of the functions takes over the calls to Defender that it makes. `node bench/respond.ts`

const WARM_UP = 20;
const ROUNDS = 200;

interface Comparison {
  readonly name: string;
  /** Through the functions. */
  readonly call: (index: number) => Promise<{ readonly status: number }>;
  /** What the functions ask Defender for then, asked directly. */
  readonly upstream: (index: number) => Promise<void>;
}

const system = await System.start();
setDefaultCACertificates([...rootCertificates, readFileSync(system.simulator.caFile, 'utf8')]);
try {
  await system.control('POST', '/limits', { perMinute: 1_000_000, perHour: 1_000_000 });
  await system.control('POST', '/hunting/limits', { callsPerMinute: 1_000_000, secondsPerCycle: 1_000_000 });
  const functions = await system.startFunctions({ ACTION_CAP_PER_HOUR: '500', ACTION_CAP_PER_CALLER: '500' });
  const api = new Api(system, functions.host.url);
  const devices = new Devices(system);
  const targets = await addDevices(devices, 2 * (WARM_UP + ROUNDS));
  const defender = await signIn('https://api.securitycenter.microsoft.com', system.simulator.urls.defender);
  const graph = await signIn('https://graph.microsoft.com', system.simulator.urls.graph);
  const query = 'DeviceInfo | take 10';
  const findMachine = async (name: string) => {
    await defender(
      'GET',
      `/api/machines?$filter=${encodeURIComponent(`computerDnsName eq '${name}'`)}&$top=10000`,
    );
  };
  const target = (index: number) => targets[index] ?? { id: '', name: '' };

  console.log(`\nCalls over their calls to Defender, one after the other, ${ROUNDS} of each (milliseconds)`);
  console.log('  call               p50 and p99: all      Defender alone      overhead');
  const comparisons: readonly Comparison[] = [
    {
      name: 'findDevices',
      call: (index) => api.get(`/api/devices?name=${target(index).name}`),
      upstream: (index) => findMachine(target(index).name),
    },
    {
      name: 'isolateDevice',
      call: (index) => api.act('isolate', target(index).name),
      upstream: async (index) => {
        const { id, name } = target(index + WARM_UP + ROUNDS);
        await findMachine(name);
        await defender(
          'GET',
          `/api/machineactions?$filter=${encodeURIComponent(`machineId eq '${id}'`)}&$top=10000`,
        );
        await defender('POST', `/api/machines/${id}/isolate`, {
          Comment: randomUUID(),
          IsolationType: 'Full',
        });
      },
    },
    {
      name: 'runHunt',
      call: () => api.call('POST', '/api/hunts', { as: 'hunters', body: { query } }),
      upstream: () => graph('POST', '/v1.0/security/runHuntingQuery', { Query: query }),
    },
  ];
  for (const comparison of comparisons) await measure(comparison);
} finally {
  await system.stop();
}

async function addDevices(devices: Devices, count: number): Promise<{ id: string; name: string }[]> {
  const added: { id: string; name: string }[] = [];
  for (let index = 0; index < count; index += 1) added.push(await devices.add());
  return added;
}

/** Calls of the application itself, with its token in hand. */
async function signIn(audience: string, url: string) {
  const { company, urls, identityHeader } = system.simulator;
  const answer = await fetch(`${urls.identity}?api-version=2019-08-01&resource=${audience}`, {
    headers: { 'x-identity-header': identityHeader },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  if (!token) throw new Error(`No token for ${audience} in ${company.tenantId}.`);
  return async (method: string, path: string, body?: unknown): Promise<void> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  };
}

async function measure({ name, call, upstream }: Comparison): Promise<void> {
  const all: number[] = [];
  const alone: number[] = [];
  for (let index = 0; index < WARM_UP + ROUNDS; index += 1) {
    const took = await timed(async () => {
      const { status } = await call(index);
      if (status >= 300) throw new Error(`${name} answered ${status}`);
    });
    const tookAlone = await timed(() => upstream(index));
    if (index < WARM_UP) continue;
    all.push(took);
    alone.push(tookAlone);
  }
  const overhead = all.map((ms, index) => ms - (alone[index] ?? 0));
  console.log(`  ${name.padEnd(28)} ${show(all)}        ${show(alone)}   ${show(overhead)}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function show(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1).padStart(5);
  return `${at(0.5)} ${at(0.99)}`;
}
