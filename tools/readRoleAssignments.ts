import type { Expression } from './bicep/Expression.ts';
import { parseFile } from './bicep/parseFile.ts';

/** A role in Azure that a module assigns. */
export interface RoleAssignment {
  /** Of the resource that it is scoped to. */
  readonly scope: string;
  /** By name, as infra/roles.json lists it. */
  readonly role: string;
  readonly isConditional: boolean;
  /** The comment above it: the calls that need it. */
  readonly why: string;
}

/** The role assignments of a module, in their order. @throws Error when one names no resource or no role. */
export function readRoleAssignments(file: string, text: string): readonly RoleAssignment[] {
  const lines = text.split('\n');
  return parseFile(file, text).declarations.flatMap((declaration) => {
    if (declaration.kind !== 'resource' || declaration.type !== 'Microsoft.Authorization/roleAssignments')
      return [];
    const { body, line } = declaration;
    const isConditional = body.kind === 'if';
    const object = isConditional ? body.body : body;
    const scope = entry(object, 'scope');
    const role = findRole(entry(object, 'name'));
    if (scope?.kind !== 'name' || role === undefined) {
      throw new Error(
        `${file}:${line}: a role assignment needs the resource it is scoped to, and a role by name.`,
      );
    }
    return [{ scope: scope.name, role, isConditional, why: commentAbove(lines, line) }];
  });
}

function entry(object: Expression, name: string): Expression | undefined {
  const entries = object.kind === 'object' ? object.entries : [];
  return entries.find(({ key }) => key?.kind === 'literal' && key.value === name)?.value;
}

/** From `guid(scope, principal, roles['...'])`, the name under which a repetition finds the assignment again. */
function findRole(name: Expression | undefined): string | undefined {
  const role = name?.kind === 'call' && name.name === 'guid' ? name.args.at(-1) : undefined;
  return role?.kind === 'index' && role.index.kind === 'literal' ? String(role.index.value) : undefined;
}

function commentAbove(lines: readonly string[], line: number): string {
  const comment: string[] = [];
  for (let at = line - 2; lines[at]?.startsWith('//'); at -= 1)
    comment.unshift((lines[at] ?? '').slice(2).trim());
  return comment.join(' ');
}
