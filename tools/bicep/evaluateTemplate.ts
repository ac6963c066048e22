import { readFileSync } from 'node:fs';
import path from 'node:path';
import { evaluate, evaluateLoop, isTrue, type Scope } from './evaluate.ts';
import type { Declaration, Expression, ResourceDeclaration } from './Expression.ts';
import type { AzureName } from './functions.ts';
import { parseFile } from './parseFile.ts';
import { isObject, Placeholder, toText, type Value, type ValueObject } from './Placeholder.ts';

/** A resource that a deployment would make. */
export interface DeployedResource {
  /** The module that declares it, relative to the first file. */
  readonly file: string;
  readonly symbol: string;
  readonly type: string;
  readonly name: string;
  readonly body: ValueObject;
}

/** A module that a deployment would run. */
export interface DeployedModule {
  /** Relative to the first file. */
  readonly file: string;
  readonly params: ValueObject;
}

/** What a file comes to with given parameters. */
export interface DeployedTemplate {
  readonly resources: readonly DeployedResource[];
  readonly modules: readonly DeployedModule[];
  readonly outputs: ValueObject;
}

type ModuleDeclaration = Extract<Declaration, { kind: 'module' }>;

/** Where a file is deployed. */
export interface Deploying {
  /** The public one unless said otherwise. */
  readonly azure?: AzureName;
  /** The folder to which the names of files are relative: that of the first file. */
  readonly root?: string;
}

/**
 * Reads what a deployment of the file would make, with its modules. What only the services know stays a placeholder;
 * a condition that depends on such a thing is an error.
 *
 * @param file of which path.
 * @throws Error, also what `fail` says; BicepSyntaxError
 */
export function evaluateTemplate(
  file: string,
  params: ValueObject,
  { azure = 'AzureCloud', root = path.dirname(file) }: Deploying = {},
): DeployedTemplate {
  const { declarations } = parseFile(path.relative(root, file), readFileSync(file, 'utf8'));
  const resources: DeployedResource[] = [];
  const modules: DeployedModule[] = [];
  const known = new Map<string, Value>();
  const scope: Scope = {
    azure,
    load: (name) => readFileSync(path.join(path.dirname(file), name), 'utf8'),
    lookUp: (name) => {
      const found = known.get(name);
      if (found !== undefined) return found;
      const declaration = declarations.find((candidate) => candidate.name === name);
      if (!declaration) throw new Error(`${file}: nothing is called ${name}.`);
      const value = valueOf(declaration);
      known.set(name, value);
      return value;
    },
  };

  const valueOf = (declaration: Declaration): Value => {
    switch (declaration.kind) {
      case 'param': {
        const given = params[declaration.name];
        if (given !== undefined) return given;
        if (declaration.value) return evaluate(declaration.value, scope);
        if (declaration.type?.isNullable) return null;
        throw new Error(`${file}: the parameter ${declaration.name} is not given.`);
      }
      case 'var':
        return evaluate(declaration.value, scope);
      case 'resource':
        return forEach(declaration.body, scope, (body, inner) => resourceOf(declaration, body, inner));
      case 'module':
        return forEach(declaration.body, scope, (body, inner) => moduleOf(declaration, body, inner));
      default:
        throw new Error(`${file}: ${declaration.name} has no value.`);
    }
  };

  const resourceOf = (
    declaration: ResourceDeclaration,
    body: Expression,
    inner: Scope,
    parent = '',
  ): Value => {
    const { symbol, type } = { symbol: declaration.name, type: parent + declaration.type };
    if (body.kind !== 'object') throw new Error(`${file}: ${symbol} is no object.`);
    const itself = new Placeholder(`${path.basename(file, '.bicep')}.${symbol}`);
    const own: Scope = {
      ...inner,
      // A nested resource may name the one that it is in.
      lookUp: (name) => (name === symbol ? itself : inner.lookUp(name)),
    };
    const value = evaluate(body, own);
    if (!isObject(value)) throw new Error(`${file}: ${symbol} is no object.`);
    const name = value.name ?? value.uniqueName ?? value.appId ?? value.appRoleId ?? value.scope ?? null;
    if (!declaration.isExisting) {
      resources.push({ file: path.relative(root, file), symbol, type, name: toText(name), body: value });
    }
    for (const nested of body.nested)
      forEach(nested.body, own, (inside, itsScope) => resourceOf(nested, inside, itsScope, `${type}/`));
    return { ...placeholders(`${path.basename(file, '.bicep')}.${symbol}`), name, uniqueName: name, type };
  };

  const moduleOf = ({ name, path: target }: ModuleDeclaration, body: Expression, inner: Scope): Value => {
    const value = evaluate(withoutScope(body), inner);
    const given = isObject(value) && value.params && isObject(value.params) ? value.params : {};
    const deployed = evaluateTemplate(path.join(path.dirname(file), target), given, { azure, root });
    resources.push(...deployed.resources);
    modules.push(
      { file: path.relative(root, path.join(path.dirname(file), target)), params: given },
      ...deployed.modules,
    );
    return { name, outputs: deployed.outputs };
  };

  for (const declaration of declarations) {
    if (declaration.kind === 'resource' || declaration.kind === 'module') scope.lookUp(declaration.name);
  }
  const outputs = declarations.flatMap((declaration) =>
    declaration.kind === 'output' ? [[declaration.name, evaluate(declaration.value, scope)] as const] : [],
  );
  return { resources, modules, outputs: Object.fromEntries(outputs) };
}

/** One body, none, or one for each item of a loop. */
function forEach(body: Expression, scope: Scope, use: (body: Expression, scope: Scope) => Value): Value {
  const once = (inner: Expression, itsScope: Scope): Value => {
    if (inner.kind !== 'if') return use(inner, itsScope);
    return isTrue(evaluate(inner.condition, itsScope)) ? use(inner.body, itsScope) : null;
  };
  return body.kind === 'for' ? evaluateLoop(body, scope, once) : once(body, scope);
}

/** What every resource tells once it is there. */
function placeholders(symbol: string): ValueObject {
  const names = ['id', 'appId', 'appRoles', 'oauth2PermissionScopes', 'properties', 'trigger'];
  return Object.fromEntries(names.map((name) => [name, new Placeholder(`${symbol}.${name}`)]));
}

/** Where a module is deployed and after what says nothing about what it makes. */
function withoutScope(body: Expression): Expression {
  if (body.kind !== 'object') return body;
  const isKept = (name: unknown) => name === 'params';
  const entries = body.entries.filter(({ key }) => key?.kind === 'literal' && isKept(key.value));
  return { ...body, entries };
}
