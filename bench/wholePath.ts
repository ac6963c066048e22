import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { azuriteConnectionString, startAzurite } from '../local/azurite.ts';
import { simulatorSettings } from '../local/simulatorSettings.ts';
import { startSimulator } from '../local/simulator/startSimulator.ts';
import { findFreePorts } from '../test/support/freePorts.ts';
import { StorageProxy } from '../test/e2e/support/StorageProxy.ts';
import { measureProcess, printComparison, printFigures } from './measure.ts';
import type { Measured } from './measure.ts';

// Alerts through the whole path, token to ledger, on the real SDKs. `node bench/wholePath.ts`

const ALERTS = 5_000;

if (process.argv[2] === 'pull') {
  const { services } = await import('../src/services.ts');
  const { createLogger } = await import('../src/runtime/Logger.ts');
  const ignore = () => undefined;
  const startedAt = performance.now();
  await services()
    .tenantPulls()
    .run(undefined, {
      owner: 'bench',
      logger: createLogger({ info: ignore, warn: ignore, error: console.error }),
      signal: AbortSignal.timeout(300_000),
    });
  printFigures({ ms: performance.now() - startedAt });
} else {
  await compare();
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-path-'));
  const rows: [string, Measured][] = [];
  const counts = { storage: 0, queue: 0, table: 0 };
  let calls = 0;
  for (const isCounting of [false, true]) {
    const [blob = 0, queue = 0, table = 0] = await findFreePorts(3);
    const azurite = await startAzurite({ blob, queue, table }, path.join(folder, String(isCounting)));
    const simulator = await startSimulator({ dataFolder: path.join(folder, 'simulator') });
    const control = (route: string, body: unknown) =>
      fetch(`${simulator.urls.control}${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const spread = Array.from({ length: ALERTS / 100 }, (_, index) => ({
      count: 100,
      evidenceItems: 5,
      lastUpdateTime: new Date(Date.now() - 60_000 * (index + 1)).toISOString(),
    }));
    await control('/alerts', spread);
    const count = (name: 'queue' | 'table') => () => {
      counts.storage += 1;
      counts[name] += 1;
      return Promise.resolve();
    };
    const proxies = isCounting
      ? [await StorageProxy.start(queue, count('queue')), await StorageProxy.start(table, count('table'))]
      : [];
    const [queuePort = queue, tablePort = table] = proxies.map(({ port }) => port);
    const measured = await measureProcess(import.meta.filename, ['pull'], {
      ...simulatorSettings(simulator),
      AzureWebJobsStorage: azuriteConnectionString({ blob, queue: queuePort, table: tablePort }),
    });
    if (isCounting) {
      const response = await fetch(`${simulator.urls.control}/requests?service=defender`);
      calls = ((await response.json()) as { requests: unknown[] }).requests.length;
    } else {
      rows.push([`${ALERTS} alerts, ${Math.round((ALERTS / measured.ms) * 1000)} a second`, measured]);
    }
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await simulator.stop();
    await azurite.stop();
  }
  await rm(folder, { recursive: true, force: true });
  printComparison('The whole path against Azurite and the simulator', rows);
  const per1000 = (value: number) => Math.round((value / ALERTS) * 1000);
  console.log(
    `  per 1,000 alerts: ${(calls / (ALERTS / 1000)).toFixed(1)} calls to Defender, ${per1000(counts.queue)} queue and ` +
      `${per1000(counts.table)} table operations`,
  );
}
