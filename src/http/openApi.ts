import { STATUS_CODES } from 'node:http';
import type { CallerSettings } from '../settings/parseResponseSettings.ts';
import type { Endpoint, Parameter, RequestName } from './Endpoint.ts';
import { endpoints, type EndpointName } from './endpoints.ts';
import { answerSchemas } from './answerSchemas.ts';
import { requestSchemas } from './requestSchemas.ts';
import type { Schema } from './schema.ts';

/**
 * The API in OpenAPI 2.0, the only version that custom connectors import.
 * Source: https://learn.microsoft.com/connectors/custom-connectors/define-openapi-definition
 */
export function createOpenApi(settings: CallerSettings): Record<string, unknown> {
  const { protocol, host, pathname } = new URL(settings.publicBaseUrl);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    if (endpoint.isPage) continue;
    const path = (paths[`/${endpoint.route}`] ??= {});
    path[endpoint.method.toLowerCase()] = toOperation(name as EndpointName, endpoint);
  }
  return {
    swagger: '2.0',
    info: {
      title: 'Defender Functions',
      description: 'Isolates devices, follows what became of it, and hunts, safely.',
      version: '1.0',
    },
    host,
    basePath: `${pathname.replace(/\/$/, '')}/api`,
    schemes: [protocol.replace(':', '')],
    consumes: ['application/json'],
    produces: ['application/json', 'application/problem+json'],
    paths,
    definitions: Object.fromEntries(
      Object.entries<Schema>({ ...requestSchemas, ...answerSchemas }).map(([name, schema]) => [
        name,
        toOpenApi(schema),
      ]),
    ),
    ...security(settings),
  };
}

function security({ auth, authorityHost, tenantId, audiences }: CallerSettings): Record<string, unknown> {
  const definition =
    auth === 'functionKey'
      ? { type: 'apiKey', in: 'header', name: 'x-functions-key' }
      : {
          type: 'oauth2',
          flow: 'accessCode',
          authorizationUrl: `${authorityHost}/${tenantId}/oauth2/v2.0/authorize`,
          tokenUrl: `${authorityHost}/${tenantId}/oauth2/v2.0/token`,
          scopes: { [`${audiences[0] ?? ''}/.default`]: 'Call this API.' },
        };
  const scopes = 'scopes' in definition ? Object.keys(definition.scopes) : [];
  return { securityDefinitions: { caller: definition }, security: [{ caller: scopes }] };
}

function toOperation(name: EndpointName, endpoint: Endpoint): Record<string, unknown> {
  const { summary, description, parameters, body, answers, problems, roles } = endpoint;
  const isOpen = roles.length === 0;
  return {
    operationId: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    summary,
    description: isOpen ? description : `${description} Needs the app role ${roles.join(' or ')}.`,
    parameters: [...parameters.map(toParameter), ...(body === undefined ? [] : [toBodyParameter(body)])],
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, toAnswer(Number(status), answer)]),
      ),
      ...Object.fromEntries(
        problems.map((status) => [
          status,
          { description: `${STATUS_CODES[status] ?? 'Problem'}.`, schema: { $ref: '#/definitions/Problem' } },
        ]),
      ),
    },
    ...(isOpen ? { security: [] } : {}),
  };
}

function toBodyParameter(body: RequestName): Record<string, unknown> {
  return {
    name: 'body',
    in: 'body',
    required: true,
    description: requestSchemas[body].description,
    'x-ms-summary': 'Request',
    schema: { $ref: `#/definitions/${body}` },
  };
}

function toAnswer(status: number, answer: string | undefined): Record<string, unknown> {
  const headers = {
    Location: { type: 'string', description: 'Answers 202 until the operation is over.' },
    'Operation-Location': { type: 'string', description: 'Answers 200 with the status.' },
    'Retry-After': { type: 'integer', description: 'Seconds to wait.' },
  };
  return {
    description: `${STATUS_CODES[status] ?? 'Done'}.`,
    schema: answer === undefined ? { type: 'object' } : { $ref: `#/definitions/${answer}` },
    ...(status === 202 ? { headers } : {}),
  };
}

function toParameter({ name, in: place, schema }: Parameter): Record<string, unknown> {
  return { name, in: place, required: place === 'path', ...toOpenApi(schema) };
}

/** OpenAPI 2.0 knows one type for each value; the first of ours is what people write. */
function toOpenApi(schema: Schema): Record<string, unknown> {
  const { type, properties, items, ...rest } = schema;
  return {
    ...(type === undefined ? {} : { type: typeof type === 'string' ? type : type[0] }),
    ...rest,
    ...(items === undefined ? {} : { items: toOpenApi(items) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, toOpenApi(property)]),
          ),
        }),
  };
}
