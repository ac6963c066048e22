import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { collectFunctions } from '../../local/host/collectFunctions.ts';
import { choosePorts } from '../../local/ports.ts';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { events } from '../../src/runtime/events.ts';
import { settingDefinitions } from '../../src/settings/definitions.ts';
import { withGeneratedSections } from '../../tools/generatedSections.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const documents = [
  'README.md',
  'docs/architecture.md',
  'docs/errors.md',
  'docs/simulator.md',
  'docs/local-host.md',
  'docs/respond.md',
  'docs/deploy.md',
  'docs/operations.md',
  'docs/doctor.md',
  'docs/security.md',
  'docs/playbooks.md',
  'docs/permissions.md',
  'docs/settings.md',
  ...readdirSync(path.join(root, 'docs', 'decisions')).map((file) => `docs/decisions/${file}`),
];

describe('the documentation', () => {
  it('lists every error of docs/errors.md (else: npm run docs)', () => {
    expect(read('README.md')).toBe(withGeneratedSections(read('README.md'), read('docs/errors.md')));
    expect(read('README.md')).toContain('| `checkpoint_untrusted`');
  });

  it('lists every function that the bundle registers, with the file it is in', async () => {
    const functions = await collectFunctions(path.join(root, 'dist', 'index.cjs'), {
      PATH: process.env.PATH,
      ALERT_WEBHOOK_URL: 'https://example.com',
    });
    const rows = [
      ...read('README.md').matchAll(
        /^\| `(\w+)` +\| (?:timer|queue|GET|POST).*\| `(src\/functions\/\w+\.ts)` +\|$/gm,
      ),
    ];
    expect(rows.map(([, name]) => name)).toEqual(functions.map(({ name }) => name));
    for (const [, , file = ''] of rows) expect(existsSync(path.join(root, file)), file).toBe(true);
  });

  it('explains every event of the log', () => {
    for (const name of Object.keys(events)) expect(read('docs/errors.md')).toContain(`\`${name}\``);
  });

  it('explains every reason of a degraded health', () => {
    const [, body = ''] = read('src/health/Health.ts').split('const reasons =');
    const reasons = [...body.matchAll(/\['(\w+)'\]/g)].map(([, reason = '']) => reason);
    expect(reasons).toContain('credential_expires');
    expect(reasons).toContain('pull_too_old');
    // An event may have the name of a reason.
    const [codes = ''] = read('docs/errors.md').split('## Events in the log');
    for (const reason of reasons) expect(codes).toMatch(new RegExp(`^\\| \`${reason}\` `, 'm'));
  });

  it('describes every call that callers make', () => {
    const calls = Object.values<Endpoint>(endpoints).filter(({ isPage }) => !isPage);
    for (const { method, route } of calls)
      expect(read('docs/respond.md')).toMatch(
        new RegExp(`^\\| \`${method} /api/${route.replace(/[{}.]/g, '\\$&')}[\`?]`, 'm'),
      );
  });

  it('offers a sample of every setting', () => {
    const { Values } = JSON.parse(read('local.settings.sample.json')) as { Values: Record<string, string> };
    const isForAzure = (name: string) => name.startsWith('AzureWebJobsStorage__');
    const expected = Object.keys(settingDefinitions).filter((name) => !isForAzure(name));
    expect(Object.keys(Values).sort()).toEqual([...expected, 'FUNCTIONS_WORKER_RUNTIME'].sort());
  });

  it.each(documents)('has no dead link in %s', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
    for (const target of links) {
      expect(existsSync(path.join(root, path.dirname(file), target)), target).toBe(true);
    }
  });

  it('names only npm scripts that exist, and the ports that npm start uses', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const file of documents) {
      for (const [, name = ''] of read(file).matchAll(/npm run ([\w:-]+)/g))
        expect(scripts, file).toHaveProperty(name);
    }
    const ports = Object.values(choosePorts(0)).map(String);
    for (const [, port] of read('README.md').matchAll(/127\.0\.0\.1:(\d+)/g)) expect(ports).toContain(port);
  });
});
