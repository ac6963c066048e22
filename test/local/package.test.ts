import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../local/build.ts';
import { startHost, type LocalHost } from '../../local/host/startHost.ts';
import { packageApp, type PackageReport } from '../../local/package.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { System, until } from '../e2e/support/System.ts';

const root = path.join(import.meta.dirname, '..', '..');

let folder: string;
let report: PackageReport;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'defender-functions-package-'));
  const bundle = path.join(folder, 'built', 'index.cjs');
  await buildApp(bundle);
  report = await packageApp({ bundle, folder: path.join(folder, 'package') });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('npm run package', () => {
  it('packs the bundle, host.json and a package.json without dependencies, and nothing else', async () => {
    expect(report.files).toEqual(['host.json', 'index.cjs', 'package.json']);
    const read = async (file: string) => await readFile(path.join(folder, 'package', file), 'utf8');
    expect(await read('host.json')).toBe(await readFile(path.join(root, 'host.json'), 'utf8'));
    const manifest = JSON.parse(await read('package.json')) as Record<string, unknown>;
    expect(Object.keys(manifest).sort()).toEqual(['main', 'name', 'private', 'version']);
  });

  it('stays under a megabyte, which is what a cold start has to fetch', () => {
    expect(report.zipBytes).toBeLessThan(1_000_000);
  });

  it('leaves nothing of an earlier package in the folder', async () => {
    const target = path.join(folder, 'again');
    await cp(path.join(folder, 'package'), target, { recursive: true });
    await cp(path.join(root, 'LICENSE'), path.join(target, 'left-over.txt'));
    const again = await packageApp({ bundle: path.join(folder, 'package', 'index.cjs'), folder: target });
    expect(again).toEqual(report);
  });
});

describe('the package, copied to where no node_modules is', () => {
  let system: System;
  let host: LocalHost;
  const log: string[] = [];
  beforeAll(async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await cp(path.join(folder, 'package'), elsewhere, { recursive: true });
    for (let place = elsewhere; path.dirname(place) !== place; place = path.dirname(place))
      expect(existsSync(path.join(place, 'node_modules')), place).toBe(false);
    system = await System.start();
    host = await startHost({
      appFolder: elsewhere,
      port: 0,
      stateFolder: path.join(folder, 'state'),
      env: system.settings(system.withWebhook()),
      onLog: (line) => log.push(line),
    });
  });
  afterAll(async () => {
    await host.stop();
    await system.stop();
  });

  it('registers every function', () => {
    const expected = [
      ...Object.keys(endpoints),
      'pullAlerts',
      'pullTenant',
      'watchCredentials',
      'deliverAlerts',
      'followOperations',
    ];
    expect(host.functions.map(({ name }) => name).sort()).toEqual(expected.sort());
    expect(host.functions.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it('pulls, and then says that it is up', async () => {
    await system.addAlerts();
    await system.advance();
    const started = await fetch(`${host.url}/admin/functions/pullAlerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    });
    expect(started.status).toBe(202);
    await until(() => log.find((line) => line.includes('event=alert_pull_finished')));
    const response = await fetch(`${host.url}/api/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'up' }]);
  });
});
