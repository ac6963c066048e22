import path from 'node:path';
import { globSync } from 'node:fs';
import ts from 'typescript';
import { root } from './infraFiles.ts';

const LEVELS = new Set(['info', 'warn', 'error']);

/**
 * The fields that the code logs with each event, found in its source: what stands in the object that the logger is
 * given, with everything that is spread into it followed to where it is made.
 */
export function listLoggedFields(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = globSync('src/**/*.ts', { cwd: root }).map((file) => path.join(root, file));
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    types: [],
    noLib: true,
  });
  const own = program.getSourceFiles().filter(({ fileName }) => files.includes(path.normalize(fileName)));
  const source: Source = { checker: program.getTypeChecker(), files: own };
  const fields = new Map<string, Set<string>>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      for (const event of eventsOf(node)) {
        const known = fields.get(event) ?? new Set(['event']);
        for (const name of node.arguments[1] ? namesOf(node.arguments[1], source) : []) known.add(name);
        fields.set(event, known);
      }
    }
    ts.forEachChild(node, visit);
  };
  own.forEach(visit);
  return fields;
}

interface Source {
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
}

/** The events that a call logs: `logger.warn('name', ...)`, also by a choice of level or of name. */
function eventsOf({ expression, arguments: [event] }: ts.CallExpression): readonly string[] {
  const isLogger =
    (ts.isPropertyAccessExpression(expression) && LEVELS.has(expression.name.text)) ||
    (ts.isElementAccessExpression(expression) && expression.expression.getText().endsWith('ogger'));
  if (!isLogger || !event) return [];
  if (ts.isStringLiteral(event)) return [event.text];
  if (!ts.isConditionalExpression(event)) return [];
  return [event.whenTrue, event.whenFalse].filter(ts.isStringLiteral).map(({ text }) => text);
}

function namesOf(node: ts.Expression, source: Source): readonly string[] {
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.flatMap((property) => {
      if (ts.isSpreadAssignment(property)) return namesOf(property.expression, source);
      return ts.isIdentifier(property.name) ? [property.name.text] : [];
    });
  }
  if (ts.isConditionalExpression(node)) {
    return [...namesOf(node.whenTrue, source), ...namesOf(node.whenFalse, source)];
  }
  if (ts.isBinaryExpression(node)) return namesOf(node.right, source);
  const declaration = declarationOf(ts.isCallExpression(node) ? node.expression : node, source);
  if (declaration && ts.isFunctionLike(declaration)) return returnedNames(declaration, source);
  const initializer =
    declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  if (initializer) return namesOf(initializer, source);
  if (declaration && ts.isParameter(declaration)) {
    const given = givenNames(declaration, source);
    if (given.length > 0) return given;
  }
  return source.checker
    .getTypeAtLocation(node)
    .getProperties()
    .map(({ name }) => name);
}

function declarationOf(node: ts.Node, source: Source): ts.Declaration | undefined {
  const { checker } = source;
  const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
  const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return (isAlias ? checker.getAliasedSymbol(symbol) : symbol)?.declarations?.[0];
}

function returnedNames(declaration: ts.SignatureDeclaration, source: Source): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression) names.push(...namesOf(node.expression, source));
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return names;
}

/** What callers give for a parameter of one of our functions. */
function givenNames(parameter: ts.ParameterDeclaration, source: Source): readonly string[] {
  const index = parameter.parent.parameters.indexOf(parameter);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const argument = ts.isCallExpression(node) ? node.arguments[index] : undefined;
    if (argument && declarationOf((node as ts.CallExpression).expression, source) === parameter.parent) {
      names.push(...namesOf(argument, source));
    }
    ts.forEachChild(node, visit);
  };
  source.files.forEach(visit);
  return names;
}
