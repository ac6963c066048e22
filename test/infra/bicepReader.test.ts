import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BicepSyntaxError } from '../../tools/bicep/BicepSyntaxError.ts';
import { evaluateTemplate } from '../../tools/bicep/evaluateTemplate.ts';
import { parseFile } from '../../tools/bicep/parseFile.ts';
import { readRoleAssignments } from '../../tools/readRoleAssignments.ts';
import { bicepFiles } from './infraFiles.ts';

describe('reading Bicep without its compiler', () => {
  it.each([
    ["param name string = 'open", 'a string has no end'],
    ['var list = [1, 2', "'the end of the file' is not expected"],
    ['var value = {\n  a: 1\n', "a property is expected instead of 'the end of the file'"],
    ['vra value = 1', "'vra' begins no declaration that is known here"],
    ['var value = 1 2', "'2' is not expected here"],
    ["module a 'a.bicep' {\n}", "'=' is expected instead of '{'"],
  ])('refuses %j with the line and the reason', (text, problem) => {
    expect(() => parseFile('main.bicep', text)).toThrow(BicepSyntaxError);
    expect(() => parseFile('main.bicep', text)).toThrow(problem);
  });

  it('notices that the last bracket of a real file is missing', () => {
    for (const { file, text } of bicepFiles) {
      const at = text.lastIndexOf('}');
      if (at < 0) continue;
      expect(() => parseFile(file, text.slice(0, at) + text.slice(at + 1)), file).toThrow(BicepSyntaxError);
    }
  });

  it('refuses a role assignment on a whole resource group', () => {
    const text = `resource all 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: guid('a', 'b', roles['Owner'])\n}`;
    expect(() => readRoleAssignments('main.bicep', text)).toThrow('needs the resource it is scoped to');
  });
});

describe('working out what a file makes', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bicep-'));
  const file = path.join(folder, 'main.bicep');
  const evaluate = (text: string, params = {}) => {
    writeFileSync(file, text);
    return evaluateTemplate(file, params);
  };

  beforeAll(() => {
    writeFileSync(
      path.join(folder, 'part.bicep'),
      "param names string[]\nresource parts 'A/b@1' = [for (name, at) in names: { name: '${name}-${at}' }]\noutput last string = names[1]\n",
    );
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('follows conditions, loops, modules and their outputs', () => {
    const text = [
      'param isOn bool = false',
      'param more string?',
      "var names = concat(['a'], isOn ? ['b'] : ['c'])",
      "module part 'part.bicep' = {",
      "  params: { names: filter(names, name => name != 'x') }",
      '}',
      "resource one 'A/one@1' = if (isOn && more == null) { name: part.outputs.last }",
      "output names string = join(names, ',')",
    ].join('\n');
    const names = (params: object) =>
      evaluate(text, params).resources.map(({ type, name }) => `${type} ${name}`);
    expect(names({})).toEqual(['A/b a-0', 'A/b c-1']);
    expect(names({ isOn: true })).toEqual(['A/b a-0', 'A/b b-1', 'A/one b']);
    expect(evaluate(text, { isOn: true, more: 'x' }).outputs).toEqual({ names: 'a,b' });
  });

  it('says so when only a deployment can tell whether a resource is made', () => {
    const text = `resource one 'A/one@1' = { name: 'one' }\nresource two 'A/two@1' = if (one.id == 'x') { name: 'two' }`;
    expect(() => evaluate(text)).toThrow('Only a deployment knows whether <main.one.id> is x.');
  });

  it('says so when a parameter is missing', () => {
    expect(() => evaluate('param name string\noutput text string = name')).toThrow(
      'the parameter name is not given',
    );
  });
});
