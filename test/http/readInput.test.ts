import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyTooLarge } from '../../src/http/BodyTooLarge.ts';
import { ContentTypeUnsupported } from '../../src/http/ContentTypeUnsupported.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { InputInvalid, type InputFault } from '../../src/http/InputInvalid.ts';
import { readInput } from '../../src/http/readInput.ts';
import { createRequest, DEVICE, isolateRequest, type RequestParts } from './support/requests.ts';

const isolate = (changes: RequestParts = {}) => readInput(endpoints.isolateDevice, isolateRequest(changes));
const hunt = (body: unknown) => readInput(endpoints.runHunt, createRequest({ body }));

/** What is wrong with a request, as `target message`. */
async function faultsOf(reading: Promise<unknown>): Promise<string[]> {
  const [outcome] = await Promise.allSettled([reading]);
  if (outcome.status === 'fulfilled') return [];
  if (!(outcome.reason instanceof InputInvalid)) throw outcome.reason;
  return outcome.reason.faults.map(({ target, message }: InputFault) => `${target} ${message}`);
}

describe('a request', () => {
  it('is given with its defaults when it is right', async () => {
    expect(await isolate()).toEqual({
      path: { device: DEVICE },
      query: { dryRun: false },
      body: { comment: 'Ransomware, case 7', isolationType: 'Full' },
      key: { kind: 'key', value: 'case-7' },
    });
    expect(await readInput(endpoints.listOperations, createRequest({}))).toEqual({
      path: {},
      query: { since: 'P30D', top: 50 },
      body: {},
      key: undefined,
    });
  });

  it('may write the words of its query in any case', async () => {
    const { query } = await readInput(
      endpoints.listAlerts,
      createRequest({ query: { severity: 'High', status: 'INPROGRESS' } }),
    );
    expect(query).toMatchObject({ severity: 'high', status: 'inProgress' });
  });

  it('that is wrong in every way is told all of them at once', async () => {
    const reading = isolate({
      params: { device: 'a b' },
      query: { dryRun: 'maybe', force: 'true' },
      headers: { 'idempotency-key': 'ü' },
      body: { Comment: 'x', isolationType: 'full', incidentId: 'a b' },
    });
    expect((await faultsOf(reading)).sort()).toEqual(
      [
        'path.device does not have the form that is documented',
        'query.force is not known here',
        'query.dryRun must be boolean',
        'body.comment is missing',
        'body.Comment is not known here',
        'body.isolationType must be one of Full, Selective, UnManagedDevice',
        'body.incidentId does not have the form that is documented',
        'header.Idempotency-Key must be 1 to 255 printable ASCII characters',
      ].sort(),
    );
    await expect(reading).rejects.toThrow(/^Correct the request: path\.device .*; .*\.$/);
    await expect(reading).rejects.toMatchObject({ code: 'input_invalid', httpStatus: 400, retryable: false });
  });

  it('with thousands of faults is told the first of them, in an answer of bearable size', async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`member${i}`, i]));
    const long = { ['x'.repeat(200_000)]: 1 };
    for (const body of [many, long]) {
      const [outcome] = await Promise.allSettled([isolate({ body })]);
      if (outcome.status === 'fulfilled') throw new Error('it was taken');
      const { faults, message } = outcome.reason as InputInvalid;
      expect(faults.length).toBeGreaterThan(1);
      expect(faults.length).toBeLessThanOrEqual(50);
      expect(message.length).toBeLessThan(10_000);
    }
  });
});

describe('a body', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=utf-8',
    'Application/JSON',
    'application/problem+json',
    'application/vnd.contoso.v1+json; x=y',
  ])('is taken as %s', async (contentType) => {
    expect(await faultsOf(isolate({ headers: { 'content-type': contentType } }))).toEqual([]);
  });

  it.each([
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/json5',
    'application/+json',
    'multipart/form-data; boundary=application/json',
    'text/plain, application/json',
  ])('is refused with 415 as %j', async (contentType) => {
    const reading = isolate({ headers: { 'content-type': contentType } });
    await expect(reading).rejects.toBeInstanceOf(ContentTypeUnsupported);
    await expect(reading).rejects.toMatchObject({ httpStatus: 415, code: 'content_type_unsupported' });
  });

  it('is refused with 413 beyond 512 KiB, and taken up to there', async () => {
    const max = 512 * 1024;
    const padded = (bytes: number) => JSON.stringify({ comment: 'x' }).padEnd(bytes, ' ');
    expect(await faultsOf(isolate({ body: padded(max) }))).toEqual([]);
    await expect(isolate({ body: padded(max + 1) })).rejects.toBeInstanceOf(BodyTooLarge);
    // Two bytes for each of these characters.
    await expect(isolate({ body: `{"comment":"${'ü'.repeat(max / 2)}"}` })).rejects.toMatchObject({
      httpStatus: 413,
    });
    const claimed = isolate({ headers: { 'content-length': String(max + 1) } });
    await expect(claimed).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it.each([
    '',
    ' ',
    '{',
    '{"comment":"x"',
    "{'comment':'x'}",
    '{"comment":"x"}x',
    'undefined',
    'NaN',
    '\u0000',
  ])('is not JSON: %j', async (body) => {
    expect(await faultsOf(isolate({ body }))).toEqual(['body is not JSON']);
  });

  it.each([[[]], ['"x"'], [5], [true], ['null'], [[{ comment: 'x' }]]])('is no object: %j', async (body) => {
    expect(await faultsOf(isolate({ body }))).toEqual(['body must be object']);
  });

  it.each([
    [{}, ['body.comment is missing']],
    [
      { comment: '' },
      [
        'body.comment must NOT have fewer than 1 characters',
        'body.comment does not have the form that is documented',
      ],
    ],
    [{ comment: ' \n\t ' }, ['body.comment does not have the form that is documented']],
    [{ comment: 5 }, ['body.comment must be string']],
    [{ comment: null }, ['body.comment must be string']],
    [{ comment: ['x'] }, ['body.comment must be string']],
    [{ COMMENT: 'x' }, ['body.comment is missing', 'body.COMMENT is not known here']],
    [
      { comment: 'x', isolationType: 'full' },
      ['body.isolationType must be one of Full, Selective, UnManagedDevice'],
    ],
    [
      { comment: 'x', isolationType: null },
      [
        'body.isolationType must be string',
        'body.isolationType must be one of Full, Selective, UnManagedDevice',
      ],
    ],
    [{ comment: 'x', incidentId: 1.5 }, ['body.incidentId must be string,integer']],
    [{ comment: 'x', incidentId: true }, ['body.incidentId must be string,integer']],
    [{ comment: 'x', incidentId: '' }, ['body.incidentId does not have the form that is documented']],
    [{ comment: 'x', incidentId: '12]' }, ['body.incidentId does not have the form that is documented']],
    [{ comment: 'x', force: true }, ['body.force is not known here']],
    [{ comment: 'x', device: DEVICE }, ['body.device is not known here']],
  ])('%j has these faults', async (body, faults) => {
    expect(await faultsOf(isolate({ body }))).toEqual(faults);
  });

  it.each([
    { comment: 'x', isolationType: 'Selective' },
    { comment: 'x', isolationType: 'UnManagedDevice', incidentId: 12 },
    { comment: 'x', incidentId: 'INC-12.a:b_c' },
  ])('%j is right', async (body) => {
    expect((await isolate({ body })).body).toEqual({ isolationType: 'Full', ...body });
  });

  it('may have a comment of 1,000 characters and not one more, however many bytes that is', async () => {
    for (const character of ['x', 'ü', '🔥']) {
      expect(await faultsOf(isolate({ body: { comment: character.repeat(1_000) } }))).toEqual([]);
      expect(await faultsOf(isolate({ body: { comment: character.repeat(1_001) } }))).toEqual([
        'body.comment must NOT have more than 1000 characters',
      ]);
    }
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'has no member %s that would change what is asked for',
    async (name) => {
      const body = `{"comment":"x","${name}":{"isolationType":"Selective"}}`;
      expect(await faultsOf(isolate({ body }))).toEqual([`body.${name} is not known here`]);
    },
  );

  it('for a release knows no kind of isolation', async () => {
    const request = isolateRequest({ body: { comment: 'x', isolationType: 'Full' } });
    expect(await faultsOf(readInput(endpoints.releaseDevice, request))).toEqual([
      'body.isolationType is not known here',
    ]);
  });

  it('for a hunt is a query with at most 100,000 characters and a time span', async () => {
    const query = 'DeviceInfo | take 1';
    for (const timespan of ['P30D', 'PT1H', '2026-11-20T00:00:00Z/2026-11-21T00:00:00Z', 'P1D/2026-11-21']) {
      expect((await hunt({ query, timespan })).body).toEqual({ query, timespan });
    }
    expect(await faultsOf(hunt({ query: 'x'.repeat(100_000) }))).toEqual([]);
    expect(await faultsOf(hunt({ query: 'x'.repeat(100_001), timespan: '1 day' }))).toEqual([
      'body.query must NOT have more than 100000 characters',
      'body.timespan does not have the form that is documented',
    ]);
    expect(await faultsOf(hunt({ Query: query }))).toEqual([
      'body.query is missing',
      'body.Query is not known here',
    ]);
    expect(await faultsOf(hunt({ query: ' ' }))).toEqual([
      'body.query does not have the form that is documented',
    ]);
  });

  it('is not looked at where none is asked for', async () => {
    const request = createRequest({ params: { id: 'a'.repeat(32) } });
    expect((await readInput(endpoints.getOperation, request)).body).toEqual({});
  });
});

describe('any body at all', () => {
  const member = fc.oneof(
    fc.constantFrom('comment', 'isolationType', 'incidentId', 'Comment', '__proto__', 'dryRun'),
    fc.string({ maxLength: 10 }),
  );
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      'Full',
      'Selective',
      'UnManagedDevice',
      'full',
      '',
      ' ',
      null,
      12,
      -1,
      1.5,
      true,
    ),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const body = fc.oneof(
    fc.dictionary(member, value, { maxKeys: 5 }),
    fc.record(
      { comment: fc.string({ minLength: 1 }), isolationType: value, incidentId: value },
      { requiredKeys: ['comment'] },
    ),
    fc.jsonValue(),
  );

  /** What the documentation says, written once more. */
  function isRight(candidate: unknown): boolean {
    if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) return false;
    const members = new Map<string, unknown>(Object.entries(candidate));
    const comment = members.get('comment');
    const incident = members.get('incidentId');
    return (
      [...members.keys()].every((name) => ['comment', 'isolationType', 'incidentId'].includes(name)) &&
      typeof comment === 'string' &&
      comment.trim() !== '' &&
      ['Full', 'Selective', 'UnManagedDevice', undefined].includes(members.get('isolationType') as string) &&
      (incident === undefined ||
        Number.isInteger(incident) ||
        (typeof incident === 'string' && /^[0-9A-Za-z._:-]{1,64}$/.test(incident)))
    );
  }

  it('is either taken as it is or refused with its faults, never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (candidate) => {
        const text = JSON.stringify(candidate);
        const faults = await faultsOf(isolate({ body: text }));
        expect(faults.length === 0, faults.join('; ')).toBe(isRight(JSON.parse(text)));
        if (faults.length > 0) return;
        expect((await isolate({ body: text })).body).toEqual({
          isolationType: 'Full',
          ...(JSON.parse(text) as object),
        });
      }),
      { numRuns: 1_000 },
    );
  });

  function isJson(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  it('that is no JSON gives the one fault that says so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        fc.pre(!isJson(text));
        expect(await faultsOf(isolate({ body: text }))).toEqual(['body is not JSON']);
      }),
    );
  });
});

describe('a query', () => {
  it.each([
    ['true', true],
    ['false', false],
  ])('has dryRun=%s as a boolean', async (dryRun, expected) => {
    expect((await isolate({ query: { dryRun } })).query).toEqual({ dryRun: expected });
  });

  it.each([
    '',
    ' ',
    'True',
    'TRUE',
    '1',
    '0',
    'yes',
    'null',
    ' true',
    'true,true',
    'true,false',
    'false,true',
  ])('with dryRun=%j is refused, because guessing could isolate a device', async (dryRun) => {
    expect(await faultsOf(isolate({ query: { dryRun } }))).toEqual(['query.dryRun must be boolean']);
  });

  it.each(['dryrun', 'DryRun', 'dry_run', 'comment', 'code', '__proto__', ''])(
    'has no name %j, because what is misspelt would be ignored',
    async (name) => {
      const query = Object.fromEntries([[name, 'true']]);
      expect(await faultsOf(isolate({ query }))).toEqual([`query.${name} is not known here`]);
    },
  );

  it('may have names that are for the host', async () => {
    const request = isolateRequest({ query: { code: 'key', dryRun: 'true' } });
    const { query } = await readInput(endpoints.isolateDevice, request, ['code']);
    expect(query).toEqual({ dryRun: true });
  });

  it.each(['1', '100', '50'])('has top=%s as a number', async (top) => {
    const { query } = await readInput(endpoints.listOperations, createRequest({ query: { top } }));
    expect(query).toMatchObject({ top: Number(top) });
  });

  it.each([
    '0',
    '101',
    '-1',
    '1.5',
    'ten',
    '',
    'true',
    '10,10',
    'Infinity',
    '-Infinity',
    '1e999',
    '1e1',
    '0x10',
    ' 5',
  ])('is refused with top=%j', async (top) => {
    const faults = await faultsOf(readInput(endpoints.listOperations, createRequest({ query: { top } })));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^query\.top must be /);
  });

  it.each(['name', 'aadDeviceId'])('has one value for %s, not two joined', async (name) => {
    const guid = '00001111-aaaa-2222-bbbb-3333cccc4444';
    const find = (value: string) =>
      readInput(endpoints.findDevices, createRequest({ query: { [name]: value } }));
    expect(await faultsOf(find(guid))).toEqual([]);
    expect(await faultsOf(find(`${guid},${guid}`))).toEqual([
      `query.${name} does not have the form that is documented`,
    ]);
  });

  it('takes any texts without any other failure than faults', async () => {
    const name = fc.oneof(
      fc.constantFrom('dryRun', 'top', 'since', 'device', 'caller', 'continuation'),
      fc.string(),
    );
    const known = ['top', 'since', 'device', 'caller', 'continuation'];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.string()), async (query) => {
        const faults = await faultsOf(readInput(endpoints.listOperations, createRequest({ query })));
        // Names that a form encodes alike are one.
        const unknown = Object.keys(query).filter((key) => !known.includes(key));
        expect(faults.filter((fault) => fault.endsWith(' is not known here'))).toHaveLength(
          Math.min(unknown.length, 50),
        );
      }),
    );
  });
});

describe('a route parameter', () => {
  it.each([
    DEVICE,
    DEVICE.toUpperCase(),
    '00001111-aaaa-2222-bbbb-3333cccc4444',
    'lis-desk-027.corp.harbourlane.example',
    'OLD_HOST',
    'x',
    'a'.repeat(255),
  ])('names a device: %s', async (device) => {
    expect((await isolate({ params: { device } })).path).toEqual({ device });
  });

  it.each([
    '',
    ' ',
    '.',
    '..',
    '-x',
    'x-',
    'x.',
    'a b',
    'a/b',
    'a%2fb',
    "x' or true",
    'x$filter',
    'desk-*',
    'désk',
    'desk\n',
    `${DEVICE},${DEVICE}`,
    'a'.repeat(256),
  ])('names no device: %j', async (device) => {
    const faults = await faultsOf(isolate({ params: { device } }));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.every((fault) => fault.startsWith('path.device '))).toBe(true);
  });

  it.each([
    '',
    'a'.repeat(31),
    'a'.repeat(33),
    'A'.repeat(32),
    'g'.repeat(32),
    `${'a'.repeat(32)}\n`,
    '../operations',
  ])('names no operation: %j', async (id) => {
    for (const endpoint of [endpoints.getOperation, endpoints.getOperationResult]) {
      expect(await faultsOf(readInput(endpoint, createRequest({ params: { id } })))).toEqual([
        'path.id does not have the form that is documented',
      ]);
    }
  });
});

describe('the key of a request', () => {
  const KEYLESS: RequestParts = { params: { device: DEVICE }, body: { comment: 'x' } };
  const missing =
    'header.Idempotency-Key is missing, and so are the headers by which a run of Logic Apps is known';

  it('is needed for what acts', async () => {
    for (const endpoint of [endpoints.isolateDevice, endpoints.releaseDevice]) {
      expect(await faultsOf(readInput(endpoint, createRequest(KEYLESS)))).toEqual([missing]);
      const explicit = createRequest({ ...KEYLESS, query: { dryRun: 'false' } });
      expect(await faultsOf(readInput(endpoint, explicit))).toEqual([missing]);
    }
  });

  it('is not needed for a dry run, but must be right when it is there', async () => {
    const dry = { ...KEYLESS, query: { dryRun: 'true' } };
    expect((await readInput(endpoints.isolateDevice, createRequest(dry))).key).toBeUndefined();
    const wrong = createRequest({ ...dry, headers: { 'idempotency-key': '""' } });
    expect(await faultsOf(readInput(endpoints.isolateDevice, wrong))).toEqual([
      'header.Idempotency-Key must be 1 to 255 printable ASCII characters',
    ]);
  });

  it('may be the run and action of a workflow', async () => {
    const headers = { 'x-ms-workflow-run-id': '08584', 'x-ms-workflow-operation-name': 'Isolate' };
    const { key } = await readInput(endpoints.isolateDevice, createRequest({ ...KEYLESS, headers }));
    expect(key).toEqual({ kind: 'run', runId: '08584', action: 'Isolate' });
  });

  it('does not matter where nothing is changed', async () => {
    const request = createRequest({ body: { query: 'DeviceInfo' }, headers: { 'idempotency-key': 'x' } });
    expect((await readInput(endpoints.runHunt, request)).key).toBeUndefined();
  });
});
