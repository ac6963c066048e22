import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequestKey, readWorkflowRun } from '../../src/http/requestKey.ts';

const keyOf = (headers: Record<string, string>) => readRequestKey(new Headers(headers));
const RUN = { 'x-ms-workflow-run-id': '08584', 'x-ms-workflow-operation-name': 'Isolate_device' };

describe('the key of a request', () => {
  it.each([
    ['Idempotency-Key', 'abc', 'abc'],
    ['idempotency-key', '"abc"', 'abc'],
    [
      'Repeatability-Request-ID',
      '00001111-aaaa-2222-bbbb-3333cccc4444',
      '00001111-aaaa-2222-bbbb-3333cccc4444',
    ],
    ['Idempotency-Key', '  "two words"  ', 'two words'],
    ['Idempotency-Key', '"', '"'],
    ['Idempotency-Key', 'a"b', 'a"b'],
    ['Idempotency-Key', 'a'.repeat(255), 'a'.repeat(255)],
    ['Idempotency-Key', `"${'a'.repeat(255)}"`, 'a'.repeat(255)],
  ])('is read from %s: %s', (name, value, expected) => {
    expect(keyOf({ [name]: value })).toEqual({ kind: 'key', value: expected });
  });

  it('is the same with and without the quotes that the draft asks for', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!#-~]{1,100}$/), (value) => {
        expect(keyOf({ 'idempotency-key': `"${value}"` })).toEqual(keyOf({ 'idempotency-key': value }));
      }),
    );
  });

  it.each(['', '""', '" "', 'a  b', 'tab\there', 'schlüssel', 'a'.repeat(256), '\u0001', '"a\u007f"'])(
    'is refused, not ignored, when it is %j',
    (value) => {
      for (const name of ['Idempotency-Key', 'Repeatability-Request-ID']) {
        // Also when the run could stand in for it: the caller meant something else.
        expect(keyOf({ ...RUN, [name]: value })).toEqual({
          target: `header.${name}`,
          message: 'must be 1 to 255 printable ASCII characters',
        });
      }
    },
  );

  it('is Idempotency-Key first, then Repeatability-Request-ID, then the run', () => {
    const both = { 'Idempotency-Key': 'one', 'Repeatability-Request-ID': 'two' };
    expect(keyOf({ ...both, ...RUN })).toEqual({ kind: 'key', value: 'one' });
    expect(keyOf({ 'Repeatability-Request-ID': 'two', ...RUN })).toEqual({ kind: 'key', value: 'two' });
    expect(keyOf(RUN)).toEqual({ kind: 'run', runId: '08584', action: 'Isolate_device' });
  });

  it('is none without any of them', () => {
    expect(keyOf({})).toBeUndefined();
    expect(keyOf({ 'x-ms-client-tracking-id': 'x', 'x-ms-workflow-name': 'contain' })).toBeUndefined();
  });

  it('is for any header either taken whole, as printable ASCII, or refused', () => {
    const characters = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(characters, (text) => {
        fc.pre(!/[\r\n]/.test(text));
        const key = keyOf({ 'idempotency-key': text });
        if (key && 'kind' in key && key.kind === 'key') {
          expect(key.value).toMatch(/^[\x20-\x7e]{1,255}$/);
          expect(text).toContain(key.value);
        } else expect(key).toHaveProperty('target', 'header.Idempotency-Key');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the run of a workflow', () => {
  it('has everything that Logic Apps say of it', () => {
    const headers = new Headers({
      ...RUN,
      'x-ms-workflow-name': 'contain-device',
      'x-ms-client-tracking-id': 'case-7',
    });
    expect(readWorkflowRun(headers)).toEqual({
      workflow: 'contain-device',
      runId: '08584',
      action: 'Isolate_device',
      trackingId: 'case-7',
    });
  });

  it.each(Object.keys(RUN))('is none without %s', (name) => {
    const headers = new Headers(RUN);
    headers.delete(name);
    expect(readWorkflowRun(headers)).toBeUndefined();
    headers.set(name, '  ');
    expect(readWorkflowRun(headers)).toBeUndefined();
  });

  it('holds nothing that could end a line, and nothing beyond 255 characters', () => {
    const headers = new Headers({
      ...RUN,
      'x-ms-workflow-name': 'a\tb',
      'x-ms-client-tracking-id': 'x'.repeat(300),
    });
    expect(readWorkflowRun(headers)).toMatchObject({ workflow: undefined, trackingId: 'x'.repeat(255) });
  });
});
