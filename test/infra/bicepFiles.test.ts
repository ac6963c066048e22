import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Declaration, Decorator, Expression } from '../../tools/bicep/Expression.ts';
import { readRoleAssignments } from '../../tools/readRoleAssignments.ts';
import { bicepFiles, read, root } from './infraFiles.ts';

const templates = bicepFiles.filter(({ file }) => file.endsWith('.bicep'));
const describedText = (decorators: readonly Decorator[]) => {
  const text = decorators.find(({ name }) => name === 'description')?.args[0];
  return text?.kind === 'literal' ? String(text.value) : '';
};
const isSecure = ({ decorators }: Declaration) => decorators.some(({ name }) => name === 'secure');

function listParams(file: string) {
  const found = bicepFiles.find((candidate) => candidate.file === file);
  return (found?.declarations ?? []).filter((declaration) => declaration.kind === 'param');
}

/** The names given as `params` of a module. */
function listGiven(body: Expression): readonly string[] {
  if (body.kind === 'if' || body.kind === 'for') return listGiven(body.body);
  const entries = body.kind === 'object' ? body.entries : [];
  const params = entries.find(({ key }) => key?.kind === 'literal' && key.value === 'params')?.value;
  return params?.kind === 'object'
    ? params.entries.map(({ key }) => (key?.kind === 'literal' ? String(key.value) : ''))
    : [];
}

describe('every Bicep file', () => {
  it('is read to its end, and there are as many as in the folders', () => {
    expect(bicepFiles.length).toBeGreaterThan(20);
    for (const { file, declarations } of bicepFiles) expect(declarations.length, file).toBeGreaterThan(0);
  });

  it('names modules that exist, and gives each exactly the parameters that it has', () => {
    for (const { file, declarations } of templates) {
      for (const declaration of declarations) {
        if (declaration.kind !== 'module') continue;
        const target = path.posix.join(path.posix.dirname(file), declaration.path);
        expect(existsSync(path.join(root, target)), `${file}: ${target}`).toBe(true);
        const params = listParams(target);
        const given = listGiven(declaration.body);
        const known = params.map(({ name }) => name);
        expect(known, `${file}: ${declaration.name}`).toEqual(expect.arrayContaining([...given]));
        const required = params.filter((param) => !param.value && !param.type?.isNullable);
        const missing = required.filter(({ name }) => !given.includes(name)).map(({ name }) => name);
        expect(missing, `${file}: ${declaration.name}`).toEqual([]);
      }
    }
  });

  it('is used: every module belongs to a deployment', () => {
    const used = templates.flatMap(({ file, declarations }) =>
      declarations.flatMap((declaration) =>
        declaration.kind === 'module' || declaration.kind === 'import'
          ? [path.posix.join(path.posix.dirname(file), declaration.path)]
          : [],
      ),
    );
    expect([...new Set([...used, 'infra/main.bicep'])].sort()).toEqual(
      templates.map(({ file }) => file).sort(),
    );
  });

  it('describes every parameter, and says first whether it is needed', () => {
    for (const { file, declarations } of templates) {
      for (const declaration of declarations) {
        if (declaration.kind !== 'param') continue;
        const { name, decorators, type, value } = declaration;
        const expected = value
          ? /^Optional\. ./
          : type?.isNullable
            ? /^(Optional|Conditional)\. ./
            : /^Required\. ./;
        expect(describedText(decorators), `${file}: ${name}`).toMatch(expected);
      }
    }
  });

  it('describes every output and every property of a type', () => {
    for (const { file, declarations } of templates) {
      for (const declaration of declarations) {
        if (declaration.kind === 'output' || declaration.kind === 'type') {
          expect(describedText(declaration.decorators), `${file}: ${declaration.name}`).not.toBe('');
        }
        const properties = declaration.kind === 'type' ? declaration.type.properties : [];
        for (const { name, description } of properties) expect(description, `${file}: ${name}`).toBeTruthy();
      }
    }
  });

  it('holds no secret: none as a default, and none given out', () => {
    for (const { file, declarations, text } of bicepFiles) {
      const secure = declarations.filter(isSecure);
      for (const declaration of secure) {
        expect(
          declaration.kind === 'param' && declaration.value,
          `${file}: ${declaration.name}`,
        ).toBeUndefined();
      }
      const outputs = text.split('\n').filter((line) => line.startsWith('output '));
      for (const line of outputs) {
        expect(line, file).not.toMatch(/\blist\w*\(/);
        for (const { name } of secure) expect(line, file).not.toMatch(new RegExp(`= .*\\b${name}\\b`));
      }
      expect(text, file).not.toMatch(/listKeys|AccountKey=|sig=[\w%]{10}/);
    }
  });

  it('takes what is a secret as one', () => {
    const secrets = templates.flatMap(({ declarations }) =>
      declarations.filter(
        ({ kind, name }) => kind === 'param' && /(webhook|outcome|approval)Url$|^url$/i.test(name),
      ),
    );
    expect(secrets.length).toBeGreaterThan(3);
    for (const declaration of secrets) expect(isSecure(declaration), declaration.name).toBe(true);
  });
});

describe('roles', () => {
  // Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
  const builtInRoles = {
    'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
    'Key Vault Secrets User': '4633458b-17de-408a-b874-0445c86b69e6',
    'Key Vault Secrets Officer': 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    'Key Vault Certificates Officer': 'a4417e6f-fecd-4de8-b567-7b0420556985',
  };
  const assignments = templates.flatMap(({ file, text }) =>
    readRoleAssignments(file, text).map((assignment) => ({ file, ...assignment })),
  );

  it('have the ids that Microsoft documents, in one table', () => {
    expect(JSON.parse(read('infra/roles.json'))).toEqual(builtInRoles);
    expect(JSON.parse(read('infra/clients.json'))).toEqual({
      'Azure CLI': '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    });
    for (const { file, text } of templates) {
      expect(text, file).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i);
    }
  });

  it('are assigned on one resource each, with the calls that need them', () => {
    expect(assignments.length).toBeGreaterThan(0);
    for (const { file, role, why } of assignments) {
      expect(Object.keys(builtInRoles), file).toContain(role);
      expect(why.length, `${file}: ${role}`).toBeGreaterThan(20);
    }
    expect([...new Set(assignments.map(({ role }) => role))].sort()).toEqual(
      Object.keys(builtInRoles).sort(),
    );
  });

  it('are never assigned on the resource group or above', () => {
    for (const { file, scope } of assignments) {
      const target = templates
        .find((candidate) => candidate.file === file)
        ?.declarations.find(({ name }) => name === scope);
      expect(target?.kind === 'resource' ? target.type : scope, file).toMatch(
        /^Microsoft\.(Storage\/storageAccounts|KeyVault\/vaults|Insights\/components)$/,
      );
    }
    for (const { file, text } of templates) {
      expect(text.match(/Microsoft\.Authorization\/\w+@/g) ?? [], file).toHaveLength(
        assignments.filter((assignment) => assignment.file === file).length,
      );
    }
  });
});
