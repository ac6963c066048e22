import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { EndpointAlertSource } from '../src/alerts/EndpointAlertSource.ts';
import { parseAlert } from '../src/alerts/AlertVersion.ts';
import { DefenderClient } from '../src/defender/DefenderClient.ts';
import { measureProcess, medianOf, printComparison, printFigures } from './measure.ts';

// One page of 100 MB: read as the app reads it, and as `response.json()` would. `node bench/page.ts`

const PAGE_MB = 100;
const [role, url = ''] = process.argv.slice(2);

if (role === 'stream') await readAsStream();
else if (role === 'json') await readAsJson();
else await compare();

async function compare(): Promise<void> {
  const { alert, count } = createAlerts();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"@odata.context":"x","value":[');
    let sent = 0;
    const sendMore = () => {
      while (sent < count) {
        sent += 1;
        if (!response.write(sent === 1 ? alert : `,${alert}`)) {
          response.once('drain', sendMore);
          return;
        }
      }
      response.end(']}');
    };
    sendMore();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const measure = (name: string) => medianOf(3, () => measureProcess(import.meta.filename, [name, address]));
  const [stream, json] = [await measure('stream'), await measure('json')];
  server.close();
  printComparison(`A page of ${PAGE_MB} MB, ${count} alerts`, [
    ['element by element (the app)', stream],
    ['response.json()', json],
  ]);
}

async function readAsStream(): Promise<void> {
  const tokens = { getToken: () => Promise.resolve('token') };
  const client = new DefenderClient({ url, audience: 'x', tokens, requestTimeoutMs: 60_000 });
  const startedAt = performance.now();
  let count = 0;
  await new EndpointAlertSource(client).readPage(
    { window: { from: 0n, to: 1n }, top: 10_000, skip: 0, evidence: true },
    (element) => {
      parseAlert(element, { tenantId: 't', source: 'endpoint' }, false);
      count += 1;
      return Promise.resolve();
    },
    { signal: AbortSignal.timeout(120_000), beforeSend: () => Promise.resolve() },
  );
  printFigures({ ms: performance.now() - startedAt, count });
}

async function readAsJson(): Promise<void> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/alerts`);
  const { value } = (await response.json()) as { value: unknown[] };
  printFigures({ ms: performance.now() - startedAt, count: value.length });
}

/** An alert with ten pieces of evidence, about 9.6 KB, as many times as fit. */
function createAlerts(): { alert: string; count: number } {
  const evidence = Array.from({ length: 10 }, (_, index) => ({
    entityType: 'Process',
    evidenceCreationTime: '2026-11-01T10:00:00.1234567Z',
    sha1: 'a'.repeat(40),
    sha256: 'b'.repeat(64),
    fileName: `tool-${index}.exe`,
    filePath: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0',
    processCommandLine: `"tool.exe" -Command "${'x'.repeat(400)}"`,
    userPrincipalName: 'someone@contoso.example',
    detectionStatus: 'Detected',
  }));
  const alert = JSON.stringify({
    id: 'da637472900382838869_1364969609',
    title: 'Suspicious activity',
    description: 'y'.repeat(1_000),
    alertCreationTime: '2026-11-01T10:00:00.1234567Z',
    lastUpdateTime: '2026-11-01T10:00:00.1233333Z',
    evidence,
  });
  return { alert, count: Math.floor((PAGE_MB * 1_000_000) / alert.length) };
}
