import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { callerRoles } from '../../src/http/Caller.ts';
import { permissions } from '../../src/identity/permissions.ts';
import { estimateCosts, EXAMPLE_VOLUME, totalOf } from '../../tools/estimateCosts.ts';

const root = path.join(import.meta.dirname, '..', '..');
const page = readFileSync(path.join(root, 'docs', 'deploy.md'), 'utf8');

/** The script below its mark. */
function readScript(name: string): string {
  const script = new RegExp(`<!-- script: ${name} -->\\s+\`\`\`bash\\n([^]*?)\`\`\``).exec(page)?.[1];
  if (script === undefined) throw new Error(`docs/deploy.md has no script ${name}.`);
  return script;
}

/** Runs a script of the page with an `az` that answers and notes how it was called. */
function runScript(name: string): { output: string[]; calls: string[][] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'defender-functions-az-'));
  const az = `#!/bin/bash
printf '%s\\t' "$@" >> '${folder}/calls'; echo >> '${folder}/calls'
case "$*" in *tenantId*) echo the-tenant;; *'app create'*) echo the-client;; *'--query id'*) echo the-resource;; *appRoles*) echo the-role;; *'Scopes[?'*) echo the-scope;; *microsoftGraph*) echo https://graph.example/;; *activeDirectory*) echo https://login.example;; esac`;
  writeFileSync(path.join(folder, 'az'), az, { mode: 0o755 });
  // A placeholder becomes its own name.
  const script = readScript(name).replaceAll(/<([A-Z_]+)>/g, '$1');
  const env = { PATH: `${folder}:${process.env.PATH ?? ''}` };
  const { status, stdout, stderr } = spawnSync('bash', [], { input: script, encoding: 'utf8', env });
  expect([status, stderr]).toEqual([0, '']);
  const calls = readFileSync(path.join(folder, 'calls'), 'utf8').trimEnd().split('\n');
  rmSync(folder, { recursive: true, force: true });
  return { output: stdout.trimEnd().split('\n'), calls: calls.map((line) => line.split('\t')) };
}

// The scripts are for bash, which Windows has not.
describe.skipIf(process.platform === 'win32')('docs/deploy.md', () => {
  it('grants in its script, or names below it, exactly what the features need', () => {
    const granted = [...readScript('grants').matchAll(/^grant (\S+) (\S+)/gm)].map(
      ([, api, role]) => `${role} ${api}`,
    );
    const [older = ''] = /^With `HUNTING_API=endpoint`.*$/m.exec(page) ?? [];
    const named = [...older.matchAll(/`(\w+(?:\.\w+)+)` of `([^`]+)`/g)].map(
      ([, role, api]) => `${role} ${api}`,
    );
    const expected = permissions.map(({ role, resourceAppId }) => `${role} ${resourceAppId}`);
    // Two features may need the same role.
    expect([...granted, ...named].sort()).toEqual([...new Set(expected)].sort());
  });

  it('registers exactly the app roles that the API checks', () => {
    const roles = [...readScript('registration').matchAll(/\$\(role (\S+) /g)].map(([, role]) => role);
    expect(roles.sort()).toEqual([...callerRoles].sort());
  });

  it('has a script that registers the API, and prints what the deployment needs to know', () => {
    const { output, calls } = runScript('registration');
    expect(output).toEqual([
      'azd env set DEPLOY_REGISTRATIONS false',
      'azd env set API_CLIENT_ID the-client',
      'azd env set API_IDENTIFIER_URI api://the-tenant/defender-functions',
    ]);
    const made = calls.find((call) => call.includes('create') && call.includes('--app-roles')) ?? [];
    const roles = JSON.parse(made[made.indexOf('--app-roles') + 1] ?? '') as { id: string; value: string }[];
    expect(roles.map(({ value }) => value)).toEqual([...callerRoles]);
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
    for (const { id } of roles) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const settings = calls.flatMap((call) => call.filter((argument) => argument.startsWith('api')));
    for (const setting of settings.filter((argument) => argument.includes('=')))
      expect(() => JSON.parse(setting.slice(setting.indexOf('=') + 1)) as unknown).not.toThrow();
  });

  it('has a script that grants each role to the identity', () => {
    const { calls } = runScript('grants');
    const bodies = calls.flatMap((call) =>
      call[0] === 'rest' ? [call[call.indexOf('--body') + 1] ?? ''] : [],
    );
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual(
      Array.from({ length: 5 }, () => ({
        principalId: 'APP_IDENTITY_PRINCIPAL_ID',
        resourceId: 'the-resource',
        appRoleId: 'the-role',
      })),
    );
  });

  it('has a script that lets the app act on behalf of people, as the features need that are on by default', () => {
    const { calls } = runScript('people');
    const argument = (call: readonly string[], name: string) => call[call.indexOf(name) + 1] ?? '';
    const [trust = []] = calls.filter((call) => call.includes('federated-credential'));
    expect(JSON.parse(argument(trust, '--parameters'))).toEqual({
      name: 'function-app',
      issuer: 'https://login.example/the-tenant/v2.0',
      subject: 'APP_IDENTITY_PRINCIPAL_ID',
      audiences: ['api://AzureADTokenExchange'],
    });
    const bodies = calls
      .filter(([command]) => command === 'rest')
      .map((call) => JSON.parse(argument(call, '--body')) as { consentType: string; scope: string });
    expect(bodies.every(({ consentType }) => consentType === 'AllPrincipals')).toBe(true);
    const usual = ['actOnDevices', 'readAlertsFromEndpoint', 'readIncidentsFromGraph', 'huntWithGraph'];
    const needed = permissions
      .filter(({ feature }) => usual.includes(feature))
      .map(({ delegatedScope }) => delegatedScope);
    expect(bodies.flatMap(({ scope }) => scope.split(' ')).sort()).toEqual(needed.sort());
    expect(calls.filter((call) => call.includes('--api-permissions'))).toHaveLength(needed.length);
  });

  it('offers only names that the deployment reads from the environment', () => {
    const text = readFileSync(path.join(root, 'infra', 'main.bicepparam'), 'utf8');
    const parameters = text.replaceAll(/\(\s+/g, '(');
    const [, section = ''] = /## What can be chosen([^]*?)\n## /.exec(page) ?? [];
    const names = [...section.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names.filter((one) => one !== 'NAME'))
      expect(parameters).toContain(`readEnvironmentVariable('${name}'`);
  });

  it('works out the costs as npm run costs does', () => {
    const lines = estimateCosts(EXAMPLE_VOLUME);
    const shown = [...page.matchAll(/^\| ([a-z ]+?) +\| (.*?) +\| \$(\d+\.\d\d) +\|$/gm)];
    const rows = shown.map(([, meter, how, dollars]) => [meter, how, dollars]);
    const expected = lines.map(({ meter, how, dollars }) => [meter, how, dollars.toFixed(2)]);
    expect(rows.slice(0, -1)).toEqual(expected);
    expect(rows.at(-1)?.[2]).toBe(totalOf(lines).toFixed(2));
  });

  it('counts the alert rules that are deployed', () => {
    const rules = JSON.parse(
      readFileSync(path.join(root, 'infra', 'modules', 'alertRules.json'), 'utf8'),
    ) as {
      features: string[];
      frequency: string;
    }[];
    const usual = ['pullAlerts', 'actOnDevices', 'huntWithGraph'];
    const deployed = rules.filter(
      ({ features }) => features.length === 0 || features.some((feature) => usual.includes(feature)),
    );
    const count = (frequency: string) => deployed.filter((rule) => rule.frequency === frequency).length;
    const { how = '' } = estimateCosts(EXAMPLE_VOLUME).find(({ meter }) => meter === 'alert rules') ?? {};
    expect(how).toContain(`${count('PT5M')} every 5 min`);
    expect(how).toContain(`${count('PT15M')} every 15 min`);
    expect(count('PT5M') + count('PT15M')).toBe(deployed.length);
  });
});
