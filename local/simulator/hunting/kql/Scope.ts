import type { SyntaxNode } from './language/SyntaxNode.ts';
import { NotSimulatedError } from './NotSimulatedError.ts';
import { indexColumns, type Column, type Row, type Table } from './Table.ts';
import type { Value } from './values/Value.ts';

/** A scalar expression, ready to be evaluated for a row. */
export type Compiled = (row: Row) => Value;

/** What a name stands for, other than a column. */
export type Binding =
  | { readonly kind: 'scalar'; readonly value: Value }
  /** The parameter of a function that is called for each row. */
  | { readonly kind: 'perRow'; readonly compiled: Compiled }
  | { readonly kind: 'table'; readonly read: () => Table }
  | { readonly kind: 'function'; readonly declaration: SyntaxNode; readonly scope: Scope };

/** What a query is evaluated with. */
export interface Evaluation {
  /** `now()`, the same for the whole query. */
  readonly nowTicks: bigint;
  /** A stored table; throws when there is none, which the check has ruled out. */
  readTable(name: string): Table;
  /** Evaluates a tabular expression; here so that scalar expressions can hold one. */
  readonly evaluateTable: (node: SyntaxNode, scope: Scope) => Table;
}

/** The names that an expression can use. */
export class Scope {
  readonly evaluation: Evaluation;
  readonly #bindings: ReadonlyMap<string, Binding>;
  readonly #columns: ReadonlyMap<string, number>;
  /** Values that were computed for the aggregates in an expression, by where each aggregate begins in the query. */
  readonly #aggregates: ReadonlyMap<number, number>;

  constructor(
    evaluation: Evaluation,
    bindings: ReadonlyMap<string, Binding> = new Map(),
    columns: ReadonlyMap<string, number> = new Map(),
    aggregates: ReadonlyMap<number, number> = new Map(),
  ) {
    this.evaluation = evaluation;
    this.#bindings = bindings;
    this.#columns = columns;
    this.#aggregates = aggregates;
  }

  /** With one name more; it hides an outer one. */
  withBinding(name: string, binding: Binding): Scope {
    return new Scope(this.evaluation, new Map([...this.#bindings, [name, binding]]), this.#columns);
  }

  /** With the columns of a table in place of those before. */
  withColumns(columns: readonly Column[]): Scope {
    return new Scope(this.evaluation, this.#bindings, indexColumns(columns));
  }

  /** For an expression over aggregates, whose values stand in the row at these places. */
  withAggregates(aggregates: ReadonlyMap<number, number>): Scope {
    return new Scope(this.evaluation, this.#bindings, new Map(), aggregates);
  }

  /** For a tabular expression inside a scalar one: the row outside cannot be seen from there. */
  withoutRow(): Scope {
    const bindings = [...this.#bindings].map(([name, binding]) => [name, detach(binding)] as const);
    return new Scope(this.evaluation, new Map(bindings));
  }

  find(name: string): Binding | undefined {
    return this.#bindings.get(name);
  }

  /** The place of a column in the row; throws when the row has none of this name. */
  columnAt(name: string): number {
    const place = this.#columns.get(name);
    if (place === undefined) throw new NotSimulatedError(`the column ${name} in this place`);
    return place;
  }

  /** The place in the row of an aggregate that begins here. */
  findAggregate(start: number): number | undefined {
    return this.#aggregates.get(start);
  }

  /** A value that depends on no row; throws when it does. */
  constant(compiled: Compiled): Value {
    return compiled(noRow);
  }
}

function detach(binding: Binding): Binding {
  if (binding.kind !== 'perRow') return binding;
  return { kind: 'perRow', compiled: () => binding.compiled(noRow) };
}

/** Stands for the row where there is none; reading from it says so. */
const noRow: Row = new Proxy<Row>([], {
  get(_target, property) {
    throw new NotSimulatedError(`a value that depends on a row, where none is (${String(property)})`);
  },
});
