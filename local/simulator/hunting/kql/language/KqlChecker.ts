import { KqlError } from '../KqlError.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';
import { QueryTooLargeError } from '../QueryTooLargeError.ts';
import type { Column } from '../Table.ts';
import { loadLanguageService, type KustoCode, type KustoDiagnostic } from './languageService.ts';
import { SyntaxNode } from './SyntaxNode.ts';

/** What queries may refer to. */
export interface DatabaseSchema {
  readonly tables: readonly { readonly name: string; readonly columns: readonly Column[] }[];
  /** Tables and functions that the real service has and this one has not. */
  readonly notSimulated: ReadonlySet<string>;
}

type Globals = Parameters<
  ReturnType<typeof loadLanguageService>['language']['KustoCode']['ParseAndAnalyze']
>[1];

/** Parses queries and checks every name and type in them, with Kusto's own language service. */
export class KqlChecker {
  readonly #schema: DatabaseSchema;
  #globals: Globals | undefined;

  constructor(schema: DatabaseSchema) {
    this.#schema = schema;
  }

  /** The syntax tree of a query; throws `KqlError` when it is wrong and `NotSimulatedError` when it names what is missing here. */
  check(query: string): SyntaxNode {
    const code = this.#parse(query);
    if (code.Kind === 'Command') throw new KqlError('Only queries can be run here, and this is a command.');
    const errors = listErrors(code);
    for (const { Start, Length } of errors) {
      const name = query.slice(Start, Start + Length);
      if (this.#schema.notSimulated.has(name)) throw new NotSimulatedError(name);
    }
    const [first] = errors;
    if (first !== undefined) throw new KqlError(explain(first, query));
    const root = new SyntaxNode(code.Syntax, query);
    if (root.list('Statements').length === 0) throw new KqlError('The query is empty.');
    return root;
  }

  #parse(query: string): KustoCode {
    const { language } = loadLanguageService();
    this.#globals ??= createGlobals(this.#schema);
    try {
      return language.KustoCode.ParseAndAnalyze(query, this.#globals);
    } catch (error) {
      if (error instanceof RangeError) {
        throw new QueryTooLargeError('The query is nested too deeply.', { cause: error });
      }
      // The language service has faults of its own, such as with some calls of graph().
      throw new NotSimulatedError('this query: the language service cannot analyse it', { cause: error });
    }
  }
}

function createGlobals({ tables }: DatabaseSchema): Globals {
  const { Symbols, GlobalState } = loadLanguageService().language;
  const symbols = tables.map(({ name, columns }) => {
    const schema = columns.map((column) => `['${column.name}']: ${column.type}`).join(', ');
    return new Symbols.TableSymbol.$ctor7(name, `(${schema})`, null);
  });
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('AdvancedHunting', symbols));
}

function listErrors(code: KustoCode): readonly KustoDiagnostic[] {
  const diagnostics = code.GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_value, index) => diagnostics.getItem(index)).filter(
    ({ Severity }) => Severity === 'Error',
  );
}

function explain({ Code, Message, Start }: KustoDiagnostic, query: string): string {
  const before = query.slice(0, Start).split('\n');
  return `${Message} (${Code}, line ${before.length}, position ${(before.at(-1) ?? '').length + 1})`;
}
