import { isScalarType, type Column } from '../Table.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { loadLanguageService, type KustoElement, type KustoSymbol } from './languageService.ts';

/** What a name refers to. */
export interface NamedSymbol {
  /** `ColumnSymbol`, `TableSymbol`, `VariableSymbol`, `ParameterSymbol`, `FunctionSymbol` and so on. */
  readonly kind: string;
  readonly name: string;
}

/**
 * A node of Kusto's syntax tree with what its analysis found out.
 *
 * Everything that knows how the language service looks is in this class and in `languageService.ts`.
 */
export class SyntaxNode {
  /** The name of Kusto's class for it: `FilterOperator`, `BinaryExpression`. */
  readonly kind: string;
  readonly #element: KustoElement;
  readonly #query: string;

  constructor(element: KustoElement, query: string) {
    this.#element = element;
    this.#query = query;
    this.kind = lastName(loadLanguageService().typeName(element));
  }

  /** The source text, without what surrounds it. */
  get text(): string {
    const { TextStart, Width } = this.#element;
    return this.#query.slice(TextStart, TextStart + Width).trim();
  }

  /** Where it begins in the query. */
  get start(): number {
    return this.#element.TextStart;
  }

  /** The name that it is or declares, without quotes and brackets. */
  get name(): string {
    return this.#element.SimpleName ?? '';
  }

  /** The value of a string literal, with escapes resolved. */
  get stringValue(): string {
    return String(this.#element.LiteralValue);
  }

  /** The type of a scalar expression; throws when it is one that is not simulated. */
  get type(): Column['type'] {
    const name = this.#element.ResultType?.Name ?? 'unknown';
    if (isScalarType(name)) return name;
    throw new NotSimulatedError(`the type ${name} (in '${this.text}')`);
  }

  /** The columns of a tabular expression or operator; undefined for a scalar one. */
  get columns(): readonly Column[] | undefined {
    const columns = this.#element.ResultType?.Columns;
    if (columns === undefined || columns === null) return undefined;
    return Array.from({ length: columns.Count }, (_value, index) => {
      const { Name, Type } = columns.getItem(index);
      const name = Name ?? '';
      const type = Type.Name ?? 'unknown';
      if (isScalarType(type)) return { name, type };
      throw new NotSimulatedError(`the type ${type} (of the column ${name})`);
    });
  }

  /** What a name, an operator or a call refers to. */
  get symbol(): NamedSymbol | undefined {
    const symbol: KustoSymbol | null | undefined = this.#element.ReferencedSymbol;
    if (symbol === undefined || symbol === null) return undefined;
    return { kind: lastName(loadLanguageService().typeName(symbol)), name: symbol.Name ?? '' };
  }

  /** The child with this name; undefined when there is none. */
  find(name: string): SyntaxNode | undefined {
    for (let index = 0; index < this.#element.ChildCount; index += 1) {
      if (this.#element.GetName(index) !== name) continue;
      const child = this.#element.GetChild(index);
      return child === null ? undefined : new SyntaxNode(child, this.#query);
    }
    return undefined;
  }

  /** The child with this name; throws when there is none. */
  get(name: string): SyntaxNode {
    const child = this.find(name);
    if (child !== undefined) return child;
    throw new NotSimulatedError(`'${this.text}' (${this.kind} without ${name})`);
  }

  /** The members of the list with this name, without separators. */
  list(name: string): readonly SyntaxNode[] {
    const list = this.find(name);
    return list === undefined ? [] : list.children().map((child) => child.#withoutSeparator());
  }

  children(): readonly SyntaxNode[] {
    return Array.from({ length: this.#element.ChildCount }, (_value, index) =>
      this.#element.GetChild(index),
    ).flatMap((child) => (child === null ? [] : [new SyntaxNode(child, this.#query)]));
  }

  #withoutSeparator(): SyntaxNode {
    if (!this.kind.startsWith('SeparatedElement')) return this;
    const [member] = this.children();
    return member ?? this;
  }
}

/** `Kusto.Language.Syntax.SyntaxList`1[[...]]` becomes `SyntaxList`. */
function lastName(typeName: string): string {
  const [plain = ''] = typeName.split('`');
  return plain.slice(plain.lastIndexOf('.') + 1);
}
