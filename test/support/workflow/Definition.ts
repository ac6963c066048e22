import type { RetryPolicy } from '../logicApps/LogicAppsClient.ts';
import type { RunAfterStatus } from './expressions/EvaluationContext.ts';

/** A workflow definition: the parts that the playbooks use. */
export interface Definition {
  readonly $schema: string;
  readonly contentVersion: string;
  readonly parameters: Readonly<Record<string, DefinedParameter>>;
  readonly triggers: Readonly<Record<string, RequestTrigger>>;
  readonly actions: Actions;
}

export interface DefinedParameter {
  readonly type: 'String' | 'SecureString';
  readonly defaultValue?: string;
}

export interface RequestTrigger {
  readonly type: 'Request';
  readonly kind: 'Http';
  readonly inputs: { readonly method: 'POST'; readonly schema: object };
  readonly runtimeConfiguration?: RuntimeConfiguration;
}

export interface RuntimeConfiguration {
  readonly secureData: { readonly properties: readonly ('inputs' | 'outputs')[] };
}

/** Actions side by side, by their names. */
export type Actions = Readonly<Record<string, Action>>;

interface Common {
  readonly runAfter: Readonly<Record<string, readonly RunAfterStatus[]>>;
  readonly runtimeConfiguration?: RuntimeConfiguration;
  readonly limit?: { readonly timeout: string };
}

export interface HttpInputs {
  readonly method: 'GET' | 'POST';
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly queries?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  readonly authentication?: Authentication;
  readonly retryPolicy?: RetryPolicy;
}

/** Source: https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity */
export interface Authentication {
  readonly type: 'ManagedServiceIdentity';
  readonly identity: string;
  readonly audience: string;
}

export type Operand = string | number | boolean;

/** A condition as the designer writes it. */
export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly equals: readonly [Operand, Operand] }
  | { readonly greater: readonly [Operand, Operand] }
  | { readonly greaterOrEquals: readonly [Operand, Operand] }
  | { readonly less: readonly [Operand, Operand] };

export interface Branch {
  readonly actions: Actions;
}

/** Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers */
export type Action = Common &
  (
    | {
        readonly type: 'Http';
        readonly inputs: HttpInputs;
        readonly operationOptions?: 'DisableAsyncPattern';
      }
    | {
        readonly type: 'HttpWebhook';
        readonly inputs: { readonly subscribe: HttpInputs; readonly unsubscribe: Record<string, never> };
      }
    | { readonly type: 'Compose'; readonly inputs: unknown }
    | { readonly type: 'ParseJson'; readonly inputs: { readonly content: string; readonly schema: object } }
    | { readonly type: 'Select'; readonly inputs: { readonly from: string; readonly select: unknown } }
    | { readonly type: 'Query'; readonly inputs: { readonly from: string; readonly where: string } }
    | {
        readonly type: 'InitializeVariable';
        readonly inputs: {
          readonly variables: readonly {
            readonly name: string;
            readonly type: 'object' | 'string';
            readonly value: unknown;
          }[];
        };
      }
    | { readonly type: 'SetVariable'; readonly inputs: { readonly name: string; readonly value: unknown } }
    | {
        readonly type: 'Response';
        readonly kind: 'Http';
        readonly inputs: {
          readonly statusCode: number | string;
          readonly headers: Readonly<Record<string, string>>;
          readonly body: unknown;
        };
      }
    | {
        readonly type: 'Terminate';
        readonly inputs: {
          readonly runStatus: 'Succeeded' | 'Failed' | 'Cancelled';
          readonly runError?: { readonly code: string; readonly message: string };
        };
      }
    | { readonly type: 'Scope'; readonly actions: Actions }
    | {
        readonly type: 'If';
        readonly expression: Condition;
        readonly actions: Actions;
        readonly else: Branch;
      }
    | {
        readonly type: 'Switch';
        readonly expression: string;
        readonly cases: Readonly<Record<string, Branch & { readonly case: string }>>;
        readonly default: Branch;
      }
  );

/** The branches of an action that has some. */
export function listBranches(action: Action): Actions[] {
  switch (action.type) {
    case 'Scope':
      return [action.actions];
    case 'If':
      return [action.actions, action.else.actions];
    case 'Switch':
      return [...Object.values(action.cases).map(({ actions }) => actions), action.default.actions];
    default:
      return [];
  }
}

/** Every action with its name, however deep. */
export function listActions(actions: Actions): [string, Action][] {
  return Object.entries(actions).flatMap(([name, action]) => [
    [name, action],
    ...listBranches(action).flatMap(listActions),
  ]);
}
