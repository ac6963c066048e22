import type { SyntaxNode } from '../language/SyntaxNode.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { compare } from '../scalar/comparison.ts';
import { compileScalar } from '../scalar/compileScalar.ts';
import type { Compiled, Scope } from '../Scope.ts';
import type { Column, Row } from '../Table.ts';
import type { Value } from '../values/Value.ts';
import { aggregateAliases, aggregates, conditionalAggregates, findPercentile } from './Aggregate.ts';

/** The values that an aggregate has for the rows of a group. */
export type CompiledAggregate = (rows: readonly Row[]) => readonly Value[];

/** What aggregates are computed over. */
export interface Grouping {
  /** With the columns of the input. */
  readonly scope: Scope;
  readonly columns: readonly Column[];
  /** The columns that the rows are grouped by; `*` leaves them out. */
  readonly keys: ReadonlySet<string>;
}

/** The name of the aggregate that a call is to; undefined for every other expression. */
export function findAggregateName(node: SyntaxNode): string | undefined {
  if (node.kind !== 'FunctionCallExpression') return undefined;
  const { name } = node.get('Name');
  const plain = aggregateAliases[name] ?? name;
  return Object.hasOwn(aggregates, plain) || plain in conditionalAggregates || plain in special
    ? plain
    : undefined;
}

const special: Readonly<Record<string, (call: SyntaxNode, grouping: Grouping) => CompiledAggregate>> = {
  count: () => (rows) => [BigInt(rows.length)],
  take_any: compileTakeAny,
  arg_max: (call, grouping) => compileArgument(call, grouping, 1),
  arg_min: (call, grouping) => compileArgument(call, grouping, -1),
  percentiles: (call, { scope }) => {
    const [value, ...percents] = compileArguments(call, scope);
    const shares = percents.map((percent) => scope.constant(percent));
    return (rows) => {
      const values = rows.map((row) => value?.(row) ?? null);
      return shares.map((share) => findPercentile(values, share));
    };
  },
};

/** Every aggregate that is evaluated, by each of its names. */
export const aggregateNames: readonly string[] = [
  ...Object.keys(aggregates),
  ...Object.keys(conditionalAggregates),
  ...Object.keys(special),
  ...Object.keys(aggregateAliases),
];

/** Compiles the call of an aggregate. */
export function compileAggregate(call: SyntaxNode, grouping: Grouping): CompiledAggregate {
  const name = findAggregateName(call) ?? '';
  const compile = special[name];
  if (compile !== undefined) return compile(call, grouping);
  const aggregate = aggregates[conditionalAggregates[name] ?? name];
  if (aggregate === undefined) throw new NotSimulatedError(`the aggregate ${name}()`);
  const [value, ...others] = compileArguments(call, grouping.scope);
  // The condition comes second; a size follows it.
  const condition = name in conditionalAggregates ? others.shift() : undefined;
  const constants = others.map((one) => grouping.scope.constant(one));
  return (rows) => {
    const chosen = condition === undefined ? rows : rows.filter((row) => condition(row) === true);
    return [
      aggregate(
        chosen.map((row) => value?.(row) ?? null),
        constants,
      ),
    ];
  };
}

function compileArguments(call: SyntaxNode, scope: Scope): Compiled[] {
  return call
    .get('ArgumentList')
    .list('Expressions')
    .map((argument) => compileScalar(argument, scope));
}

/** The first row of the group; of a single column, the first value that is not empty. */
function compileTakeAny(call: SyntaxNode, { scope, columns, keys }: Grouping): CompiledAggregate {
  const given = call.get('ArgumentList').list('Expressions');
  if (given.some(({ kind }) => kind === 'StarExpression')) {
    const places = columns.flatMap(({ name }, place) => (keys.has(name) ? [] : [place]));
    return ([first = []]) => places.map((place) => first[place] ?? null);
  }
  const values = given.map((one) => compileScalar(one, scope));
  const [only] = values;
  if (values.length === 1 && only !== undefined) {
    return (rows) => [rows.map(only).find((value) => value !== null && value !== '') ?? null];
  }
  return ([first]) => values.map((value) => (first === undefined ? null : value(first)));
}

/** The row with the largest or smallest value; the first one of a group whose values are all null. */
function compileArgument(call: SyntaxNode, grouping: Grouping, sign: 1 | -1): CompiledAggregate {
  const [measured, ...returned] = call.get('ArgumentList').list('Expressions');
  if (measured === undefined) throw new NotSimulatedError(`'${call.text}'`);
  const measure = compileScalar(measured, grouping.scope);
  const values = returned.flatMap((node): readonly Compiled[] => {
    if (node.kind !== 'StarExpression') return [compileScalar(node, grouping.scope)];
    const own = measured.kind === 'NameReference' ? measured.name : '';
    return grouping.columns.flatMap(({ name }, place): readonly Compiled[] =>
      grouping.keys.has(name) || name === own ? [] : [(row) => row[place] ?? null],
    );
  });
  return (rows) => {
    let best: { readonly row: Row; readonly value: Value } | undefined;
    for (const row of rows) {
      const value = measure(row);
      const isBetter =
        best === undefined ||
        (value !== null && (best.value === null || compare(value, best.value) * sign > 0));
      if (isBetter) best = { row, value };
    }
    return [best?.value ?? null, ...values.map((value) => (best === undefined ? null : value(best.row)))];
  };
}
