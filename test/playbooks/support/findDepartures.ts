import { Ajv } from 'ajv';
import type { HttpAction } from '../../support/logicApps/LogicAppsClient.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly required?: boolean;
  readonly type?: string;
  readonly pattern?: string;
  readonly schema?: { readonly $ref: string };
}

interface Document {
  readonly basePath: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>
  >;
  readonly definitions: Readonly<Record<string, object>>;
}

/** How a request departs from what an OpenAPI 2.0 document describes; empty when it does not. */
export function findDepartures(openApi: unknown, request: HttpAction): string[] {
  const document = openApi as Document;
  const { pathname, searchParams } = new URL(request.uri);
  const path = Object.keys(document.paths).find((template) =>
    toPattern(document.basePath, template).test(pathname),
  );
  if (path === undefined) return [`no path ${pathname}`];
  const operation = document.paths[path]?.[request.method.toLowerCase()];
  if (!operation) return [`no ${request.method} of ${path}`];
  const queries = { ...Object.fromEntries(searchParams), ...request.queries };
  return [
    ...findUnknown(queries, operation.parameters, 'query'),
    ...findUnknown(request.headers ?? {}, operation.parameters, 'header'),
    ...findBodyFaults(document, operation.parameters, request.body),
  ];
}

function toPattern(basePath: string, template: string): RegExp {
  return new RegExp(`^${basePath}${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
}

function findUnknown(given: object, parameters: readonly Parameter[], place: 'query' | 'header'): string[] {
  const known = new Map(parameters.filter((one) => one.in === place).map((one) => [one.name, one]));
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = known.get(name);
    if (!parameter) return [`unknown ${place} ${name}`];
    const pattern = new RegExp(parameter.pattern ?? (parameter.type === 'boolean' ? '^(true|false)$' : ''));
    return pattern.test(String(value)) ? [] : [`${place} ${name} is ${String(value)}`];
  });
}

function findBodyFaults(
  { definitions }: Document,
  parameters: readonly Parameter[],
  body: unknown,
): string[] {
  const described = parameters.find((one) => one.in === 'body');
  if (!described?.schema) return body === undefined ? [] : ['a body where there is none'];
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const name = described.schema.$ref.replace('#/definitions/', '');
  const isRight = ajv.validate({ definitions, $ref: `#/definitions/${name}` }, body);
  return isRight ? [] : [ajv.errorsText()];
}
