import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFolder } from '../../local/package.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const workflows = readdirSync(path.join(root, '.github', 'workflows')).map(
  (file) => `.github/workflows/${file}`,
);
const files = ['azure.yaml', ...workflows];

describe('azure.yaml and the workflows', () => {
  it('run only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const file of files) {
      for (const [, name = ''] of read(file).matchAll(/npm run (?:--silent )?([\w:-]+)/g))
        expect(Object.keys(scripts), file).toContain(name);
    }
  });

  it('ship the folder that npm run package makes, and have nothing built in Azure', () => {
    const folder = /^ +dist: (\S+)$/m.exec(read('azure.yaml'))?.[1] ?? '';
    expect(path.join(root, folder)).toBe(packageFolder);
    expect(read('azure.yaml')).toMatch(/^ +remoteBuild: false$/m);
    expect(read('azure.yaml')).toMatch(/prepackage:\s+posix:\s+shell: sh\s+run: npm run package$/m);
  });

  it('name the service as the function app is tagged', () => {
    const service = /^services:\n {2}(\w+):$/m.exec(read('azure.yaml'))?.[1];
    expect(read('infra/main.bicep')).toContain(`'azd-service-name': '${service ?? ''}'`);
  });

  it('sign in by federation: no workflow knows a password of Azure or Entra', () => {
    const secrets = workflows.flatMap((file) =>
      [...read(file).matchAll(/secrets\.(\w+)/g)].map(([, name]) => name),
    );
    // Addresses of webhooks, which open nothing in Azure.
    expect(secrets.sort()).toEqual(['ALERT_WEBHOOK_URL', 'PLAYBOOK_APPROVAL_URL', 'PLAYBOOK_OUTCOME_URL']);
    for (const file of workflows)
      expect(read(file), file).not.toMatch(/client-secret|creds:|AZURE_CREDENTIALS/);
    expect(read('.github/workflows/deploy.yml')).toMatch(/^ +id-token: write$/m);
  });
});
