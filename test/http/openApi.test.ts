import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, it } from 'vitest';
import { callerRoles } from '../../src/http/Caller.ts';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { createOpenApi } from '../../src/http/openApi.ts';
import type { CallerSettings } from '../../src/settings/parseResponseSettings.ts';
import { API_ID, API_URI, TENANT } from './support/testIssuer.ts';

const SETTINGS: CallerSettings = {
  auth: 'entra',
  publicBaseUrl: 'https://contoso.example',
  authorityHost: 'https://login.microsoftonline.com',
  tenantId: TENANT,
  audiences: [API_URI, API_ID],
  allowedApplications: undefined,
  tenantsOf: new Map(),
  personRequiredFor: [],
};

interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly 'x-ms-summary'?: string;
  readonly 'x-ms-visibility'?: string;
  readonly $ref?: string;
  readonly items?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly (Described & {
    name: string;
    in: string;
    required: boolean;
    schema?: Described;
  })[];
  readonly responses: Readonly<
    Record<string, { description: string; schema: Described; headers?: Record<string, Described> }>
  >;
  readonly security?: unknown[];
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Described>>;
  readonly [member: string]: unknown;
}

const create = (changes: Partial<CallerSettings> = {}) =>
  createOpenApi({ ...SETTINGS, ...changes }) as unknown as Document;
/** The parser changes what it is given. */
const validate = async (document: unknown) =>
  await SwaggerParser.validate(structuredClone(document) as Parameters<typeof SwaggerParser.validate>[0]);

const document = create();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);
/** What people's browsers open is nothing for a connector. */
const described = Object.entries<Endpoint>(endpoints).filter(([, { isPage }]) => !isPage);
const byName = new Map(operations.map((operation) => [operation.operationId.toLowerCase(), operation]));

/** Everything in the definitions that people see in a designer, by its place. */
function membersOf(schema: Described, place: string): [string, Described][] {
  const properties = Object.entries(schema.properties ?? {});
  return [
    ...properties.map(([name, property]): [string, Described] => [`${place}.${name}`, property]),
    ...properties.flatMap(([name, property]) => membersOf(property, `${place}.${name}`)),
    ...(schema.items ? membersOf(schema.items, `${place}[]`) : []),
  ];
}
const members = Object.entries(document.definitions).flatMap(([name, schema]) => membersOf(schema, name));
const parameters = operations.flatMap(({ operationId, parameters: list }) =>
  list.map((parameter): [string, Described] => [`${operationId}(${parameter.name})`, parameter]),
);

describe('the OpenAPI document', () => {
  it.each([
    ['tokens', create()],
    ['function keys', create({ auth: 'functionKey' })],
    ['a base with a path', create({ publicBaseUrl: 'https://contoso.example/defender' })],
    ['a loopback address', create({ publicBaseUrl: 'http://localhost:7071' })],
  ])('is right OpenAPI 2.0 with %s, by the judgement of a validator', async (_title, candidate) => {
    await expect(validate(candidate)).resolves.toMatchObject({ swagger: '2.0' });
  });

  it('would not pass that judgement with a reference to nothing, or a parameter that is not in its path', async () => {
    const { Problem, ...definitions } = document.definitions;
    expect(Problem).toBeDefined();
    await expect(validate({ ...document, definitions })).rejects.toThrow();
    const { '/devices/{device}/isolate': isolate } = document.paths;
    await expect(validate({ ...document, paths: { '/devices/isolate': isolate } })).rejects.toThrow();
  });

  it('refers to nothing outside itself, and has no definition that nothing refers to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, target = '']) => target,
    );
    const defined = Object.keys(document.definitions).map((name) => `#/definitions/${name}`);
    expect(new Set(references)).toEqual(new Set(defined));
  });

  it('is JSON of less than 1 MB, which is all that custom connectors import', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(JSON.stringify(document).length).toBeLessThan(1_000_000);
  });

  it('names its parts in the order that connectors document', () => {
    const order = [
      'swagger',
      'info',
      'host',
      'basePath',
      'schemes',
      'consumes',
      'produces',
      'paths',
      'definitions',
    ];
    expect(Object.keys(document).slice(0, order.length)).toEqual(order);
  });

  it.each([
    ['https://contoso.example', 'contoso.example', '/api', 'https'],
    ['https://contoso.example:8443/defender', 'contoso.example:8443', '/defender/api', 'https'],
    ['http://127.0.0.1:7071', '127.0.0.1:7071', '/api', 'http'],
  ])('of %s says where the app is', (publicBaseUrl, host, basePath, scheme) => {
    expect(create({ publicBaseUrl })).toMatchObject({ host, basePath, schemes: [scheme] });
  });

  it('says how to sign in: the first audience, in the tenant of the callers', () => {
    expect(document).toMatchObject({
      security: [{ caller: [`${API_URI}/.default`] }],
      securityDefinitions: {
        caller: {
          type: 'oauth2',
          flow: 'accessCode',
          authorizationUrl: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
          tokenUrl: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
          scopes: { [`${API_URI}/.default`]: 'Call this API.' },
        },
      },
    });
    expect(create({ auth: 'functionKey' })).toMatchObject({
      security: [{ caller: [] }],
      securityDefinitions: { caller: { type: 'apiKey', in: 'header', name: 'x-functions-key' } },
    });
  });
});

describe('the operations of the document', () => {
  it('are the endpoints, by name, method and route', () => {
    const expected = described.map(
      ([name, { method, route }]) => `${name.charAt(0).toUpperCase()}${name.slice(1)} ${method} /${route}`,
    );
    const found = operations.map(
      ({ operationId, method, path }) => `${operationId} ${method.toUpperCase()} ${path}`,
    );
    expect(found.sort()).toEqual(expected.sort());
    expect(byName.size).toBe(operations.length);
  });

  it('have names in Pascal case, a summary without a period and a description with one', () => {
    for (const { operationId, summary, description } of operations) {
      expect(operationId).toMatch(/^([A-Z][a-z]+)+$/);
      expect(summary, operationId).toMatch(/^[A-Z][^.]*[a-z]$/);
      expect(summary.length, operationId).toBeLessThanOrEqual(80);
      expect(description, operationId).toMatch(/^[A-Z].*[^.]\.$/);
    }
  });

  it.each(described)('say of %s which role it needs', (name, { roles }) => {
    const operation = byName.get(name.toLowerCase());
    if (roles.length === 0) expect(operation?.security).toEqual([]);
    else {
      expect(operation).not.toHaveProperty('security');
      expect(operation?.description).toContain(`Needs the app role ${roles.join(' or ')}.`);
      expect(callerRoles).toEqual(expect.arrayContaining([...roles]));
    }
  });

  it.each(described)('have the parameters and the body of %s', (name, endpoint) => {
    const operation = byName.get(name.toLowerCase());
    const listed = operation?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    const expected = endpoint.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(listed).toEqual([...expected, ...(endpoint.body ? ['body body'] : [])]);
    const inPath = [...endpoint.route.matchAll(/\{(\w+)\}/g)].map(
      ([, parameter]) => `path ${parameter ?? ''}`,
    );
    expect(expected.filter((parameter) => parameter.startsWith('path '))).toEqual(inPath);
    for (const parameter of operation?.parameters ?? []) {
      expect(parameter.required, parameter.name).toBe(['path', 'body'].includes(parameter.in));
    }
  });

  it('have all answers: success, what can be wrong with any request, and the own ones of each', () => {
    for (const [name, endpoint] of described) {
      const statuses = Object.keys(byName.get(name.toLowerCase())?.responses ?? {}).map(Number);
      expect(new Set(statuses)).toEqual(
        new Set([...Object.keys(endpoint.answers).map(Number), ...endpoint.problems]),
      );
      // A name in the query that is not known, who calls, what fails inside, wrong settings.
      expect(statuses, name).toEqual(expect.arrayContaining([200, 400, 401, 403, 500, 503]));
      if (endpoint.body) expect(statuses, name).toEqual(expect.arrayContaining([413, 415]));
      if (endpoint.isIdempotent)
        expect(statuses, name).toEqual(expect.arrayContaining([202, 404, 409, 422, 429]));
    }
  });

  it('describe problems as problems, and where a 202 leads to', () => {
    for (const { operationId, responses } of operations) {
      for (const [status, { description, schema, headers }] of Object.entries(responses)) {
        expect(description, `${operationId} ${status}`).toMatch(/^[A-Z].*\.$/);
        if (Number(status) >= 400) expect(schema).toEqual({ $ref: '#/definitions/Problem' });
        const named = status === '202' ? ['Location', 'Operation-Location', 'Retry-After'] : [];
        expect(Object.keys(headers ?? {})).toEqual(named);
      }
    }
  });
});

describe('what people see in a designer', () => {
  it.each([...parameters, ...members.filter(([, { $ref }]) => $ref === undefined)])(
    '%s has a summary in sentence case and a description that is a sentence',
    (_place, { description, 'x-ms-summary': summary }) => {
      expect(summary).toMatch(/^[A-Z][a-z]*( ([a-z]+|Entra))*$/);
      expect(description).toMatch(/^([A-Z]|ok, ).*[^.]\.$/);
    },
  );

  it('has one type each, as OpenAPI 2.0 wants it', () => {
    for (const [place, { type, $ref }] of [...parameters, ...members]) {
      if ($ref === undefined && !place.endsWith('(body)')) expect(typeof type, place).toBe('string');
    }
  });

  it('has a description of every definition and every list', () => {
    for (const [name, { description }] of Object.entries(document.definitions)) {
      expect(description, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('shows at once what is needed, and what is seldom needed only when asked for', () => {
    const visibilities = new Set(
      [...parameters, ...members].map(([, described]) => described['x-ms-visibility']),
    );
    for (const visibility of visibilities) {
      expect([undefined, 'important', 'advanced', 'internal']).toContain(visibility);
    }
  });
});
