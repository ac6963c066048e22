import {
  isList,
  isObject,
  isSame,
  Placeholder,
  toText,
  type Value,
  type ValueObject,
} from './Placeholder.ts';

/** A lambda of Bicep. */
export type Lambda = (...args: readonly Value[]) => Value;

/** Which Azure a deployment goes to. */
export type AzureName = 'AzureCloud' | 'AzureUSGovernment';

/** What is around the file that is read. */
export interface Surroundings {
  /** Reads a file beside it. */
  readonly load: (path: string) => string;
  readonly azure: AzureName;
}

/** What a function is given: values, and lambdas. */
export interface Arguments {
  readonly values: readonly Value[];
  readonly lambdas: readonly Lambda[];
}

const list = (value: Value | undefined): readonly Value[] =>
  value !== undefined && isList(value) ? value : [];
const object = (value: Value | undefined): ValueObject =>
  value !== undefined && isObject(value) ? value : {};
const text = (value: Value | undefined): string => toText(value ?? '');

/** What stays the same for every deployment that is read; ids are placeholders. */
const FIXED: Readonly<Record<string, Value>> = {
  tenant: { tenantId: '<tenant>' },
  subscription: { id: new Placeholder('subscription') },
  resourceGroup: { id: new Placeholder('resourceGroup') },
};

/** What `environment()` says there. Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-deployment */
const environments: Readonly<Record<AzureName, ValueObject>> = {
  AzureCloud: {
    name: 'AzureCloud',
    portal: 'https://portal.azure.com',
    authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
    suffixes: { storage: 'core.windows.net', keyvaultDns: '.vault.azure.net' },
  },
  AzureUSGovernment: {
    name: 'AzureUSGovernment',
    portal: 'https://portal.azure.us',
    authentication: { loginEndpoint: 'https://login.microsoftonline.us/' },
    suffixes: { storage: 'core.usgovcloudapi.net', keyvaultDns: '.vault.usgovcloudapi.net' },
  },
};

/**
 * Calls one of the functions of Bicep that are used here.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions
 *
 * @throws Error naming a function that is not known here, or saying what `fail` was given.
 */
export function callFunction(
  name: string,
  { values, lambdas }: Arguments,
  { load, azure }: Surroundings,
): Value {
  const [first, second, third] = values;
  const [lambda = () => null, otherLambda] = lambdas;
  const fixed = FIXED[name];
  if (fixed !== undefined) return fixed;
  switch (name) {
    case 'environment':
      return environments[azure];
    case 'fail':
      throw new Error(text(first));
    case 'guid':
    case 'uniqueString':
      return new Placeholder(name);
    case 'subscriptionResourceId':
      return text(second);
    case 'loadTextContent':
      return load(text(first));
    case 'loadJsonContent':
      return JSON.parse(load(text(first))) as Value;
    case 'json':
      return JSON.parse(text(first)) as Value;
    case 'toLower':
      return first instanceof Placeholder ? first : text(first).toLowerCase();
    case 'string':
      return text(first);
    case 'startsWith':
      return text(first).startsWith(text(second));
    case 'endsWith':
      return text(first).endsWith(text(second));
    case 'take':
      return text(first).slice(0, Number(second));
    case 'length':
      return isList(first ?? null) ? list(first).length : text(first).length;
    case 'replace':
      return text(first).replaceAll(text(second), text(third));
    case 'join':
      return list(first).map(toText).join(text(second));
    case 'concat':
      return values.flatMap((value) => (isList(value) ? value : [value]));
    case 'empty':
      return isEmpty(first ?? null);
    case 'contains':
      return typeof first === 'string' ? first.includes(text(second)) : includes(list(first), second ?? null);
    case 'union':
      return values.some((value) => isList(value))
        ? distinct(values.flatMap(list))
        : Object.fromEntries(values.flatMap((value) => Object.entries(object(value))));
    case 'intersection':
      return list(first).filter((item) => includes(list(second), item));
    case 'map':
      return list(first).map((item) => lambda(item));
    case 'filter':
      return list(first).filter((item) => lambda(item) === true);
    case 'items':
      return Object.entries(object(first)).map(([key, value]) => ({ key, value }));
    case 'toObject':
      return Object.fromEntries(
        list(first).map((item) => [text(lambda(item)), otherLambda ? otherLambda(item) : item]),
      );
    default:
      throw new Error(`The function ${name} is not known here.`);
  }
}

function isEmpty(value: Value): boolean {
  if (value instanceof Placeholder) return false;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === '' || (isList(value) && value.length === 0);
}

function includes(values: readonly Value[], wanted: Value): boolean {
  return values.some((value) => isSame(value, wanted));
}

function distinct(values: readonly Value[]): readonly Value[] {
  return values.filter((value, index) => !includes(values.slice(0, index), value));
}
