/** What an expression of Bicep is made of; `line` is where it begins. */
export type Expression = { readonly line: number } & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly target: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target: Expression | undefined;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'object';
      readonly entries: readonly Entry[];
      readonly nested: readonly ResourceDeclaration[];
    }
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly index: string | undefined;
      readonly source: Expression;
      readonly body: Expression;
    }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
);

/** One property of an object; a spread has no key. */
export interface Entry {
  readonly key: Expression | undefined;
  readonly value: Expression;
}

/** `@name(args)` above a declaration. */
export interface Decorator {
  readonly name: string;
  readonly args: readonly Expression[];
}

/** The type of a parameter, an output or a property. */
export interface TypeText {
  /** As written, with single blanks. */
  readonly text: string;
  readonly isNullable: boolean;
  /** Of an object type that is written out. */
  readonly properties: readonly TypeProperty[];
}

/** A property of an object type. */
export interface TypeProperty {
  /** `*` for every other one. */
  readonly name: string;
  readonly description: string | undefined;
  readonly type: TypeText;
}

interface Declared {
  readonly name: string;
  readonly line: number;
  readonly decorators: readonly Decorator[];
}

/** A resource, of Azure or of an extension. */
export interface ResourceDeclaration extends Declared {
  readonly kind: 'resource';
  /** Without the version: `Microsoft.Web/sites`; of a nested one only what it adds. */
  readonly type: string;
  readonly version: string;
  readonly isExisting: boolean;
  readonly body: Expression;
}

/** One declaration of a file. */
export type Declaration =
  | ResourceDeclaration
  | (Declared & {
      readonly kind: 'param';
      readonly type: TypeText | undefined;
      readonly value: Expression | undefined;
    })
  | (Declared & { readonly kind: 'var'; readonly value: Expression })
  | (Declared & { readonly kind: 'output'; readonly type: TypeText; readonly value: Expression })
  | (Declared & { readonly kind: 'module'; readonly path: string; readonly body: Expression })
  | (Declared & { readonly kind: 'type'; readonly type: TypeText })
  | (Declared & { readonly kind: 'func'; readonly parameters: readonly string[]; readonly value: Expression })
  | (Declared & { readonly kind: 'import'; readonly path: string; readonly names: readonly string[] })
  | (Declared & { readonly kind: 'extension' | 'using' | 'targetScope' });
