import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isUnstorable,
  messageKey,
  parseAlert,
  type AlertVersion,
  type Unstorable,
} from '../../src/alerts/AlertVersion.ts';
import { pageLimits } from '../../src/defender/PageSplitter.ts';
import { createVersion, elementOf, ORIGIN, ticksOf } from '../support/alerts.ts';

const parse = (content: string | object): AlertVersion | Unstorable =>
  parseAlert(elementOf(content), ORIGIN, false);

function parseVersion(content: string | object): AlertVersion {
  const parsed = parse(content);
  if (isUnstorable(parsed)) throw new Error(`not an alert: ${parsed.reason}`);
  return parsed;
}

describe('parsing an alert', () => {
  it('names the version by the last update, with all seven digits', () => {
    const version = parseVersion({
      id: 'da637_-1',
      alertCreationTime: '2026-11-20T01:00:00.1234567Z',
      lastUpdateTime: '2026-11-21T02:30:08.57Z',
    });
    expect(version).toMatchObject({
      ...ORIGIN,
      alertId: 'da637_-1',
      version: '2026-11-21T02:30:08.5700000Z',
      ticks: ticksOf('2026-11-21T02:30:08.57Z'),
      problems: [],
    });
  });

  it.each([
    ['null', { lastUpdateTime: null }],
    ['missing', {}],
  ])('takes the creation for the last update when that is %s', (_case, properties) => {
    const version = parseVersion({ id: 'a', alertCreationTime: '2026-11-20T01:00:00.1Z', ...properties });
    expect(version).toMatchObject({ version: '2026-11-20T01:00:00.1000000Z', problems: [] });
  });

  it('finds properties that are written in another case', () => {
    const version = parseVersion({ Id: 'a', LastUpdateTime: '2026-11-21T02:30:00Z', SEVERITY: 5 });
    expect(version).toMatchObject({
      alertId: 'a',
      version: '2026-11-21T02:30:00.0000000Z',
      problems: ['severity is not text'],
    });
  });

  it('prefers the documented case when both are there', () => {
    expect(parseVersion({ ID: 'other', id: 'documented' }).alertId).toBe('documented');
  });

  it.each(['yesterday', '', '2026-02-30T00:00:00Z', 1_763_692_200, true, {}, []])(
    'delivers an alert undated and says so when its last update is %j',
    (lastUpdateTime) => {
      // The creation time would order this version before ones that were delivered already.
      const version = parseVersion({ id: 'a', lastUpdateTime, alertCreationTime: '2026-11-20T01:00:00Z' });
      expect(version.version).toMatch(/^undated-[0-9a-f]{32}$/);
      expect(version).toMatchObject({ ticks: 0n, problems: ['lastUpdateTime is not a timestamp'] });
    },
  );

  it('delivers an alert undated and says so when it has no times at all', () => {
    const version = parseVersion({ id: 'a' });
    expect(version.version).toMatch(/^undated-/);
    expect(version.problems).toEqual(['lastUpdateTime and alertCreationTime are missing']);
  });

  it('notes an invalid creation time also when the last update is readable', () => {
    const version = parseVersion({
      id: 'a',
      lastUpdateTime: '2026-11-21T02:30:00Z',
      alertCreationTime: 'long ago',
    });
    expect(version).toMatchObject({
      version: '2026-11-21T02:30:00.0000000Z',
      problems: ['alertCreationTime is not a timestamp'],
    });
  });

  it('tells undated versions apart by their content', () => {
    const [first, again, changed] = [
      parseVersion({ id: 'a', status: 'New' }),
      parseVersion({ id: 'a', status: 'New' }),
      parseVersion({ id: 'a', status: 'Resolved' }),
    ];
    expect(again.version).toBe(first.version);
    expect(changed.version).not.toBe(first.version);
  });

  it.each([
    ['title', 5],
    ['severity', ['High']],
    ['status', { value: 'New' }],
  ])('delivers an alert whose %s is no text and says so', (name, value) => {
    const version = parseVersion({ id: 'a', lastUpdateTime: '2026-11-21T02:30:00Z', [name]: value });
    expect(version.problems).toEqual([`${name} is not text`]);
  });

  it('takes null for any documented text, as the service gives it', () => {
    const nulls = { title: null, severity: null, status: null, alertCreationTime: null };
    expect(parseVersion({ id: 'a', lastUpdateTime: '2026-11-21T02:30:00Z', ...nulls }).problems).toEqual([]);
  });

  it('keeps every byte, whatever properties the alert has and however they are written', () => {
    const alert = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' }));
    fc.assert(
      fc.property(alert, fc.constantFrom(undefined, 1, '\t'), (properties, indent) => {
        const element = elementOf(JSON.stringify({ ...properties, id: 'a' }, null, indent));
        const parsed = parseAlert(element, ORIGIN, false);
        expect(parsed.bytes.equals(element.bytes)).toBe(true);
      }),
    );
  });

  it('says when the evidence was left out', () => {
    expect(parseAlert(elementOf({ id: 'a' }), ORIGIN, true)).toMatchObject({ evidenceOmitted: true });
    expect(parseAlert(elementOf({ id: 'a' }), ORIGIN, false)).toMatchObject({ evidenceOmitted: false });
  });

  it.each(['[]', '[{"id":"a"}]', 'null', '1', '"a"', 'true'])('sets %s aside as no object', (text) => {
    expect(parse(text)).toMatchObject({ reason: 'not_an_object', bytes: Buffer.from(text) });
  });

  it.each([{}, { id: null }, { id: '' }, { id: ' ' }, { id: 5 }, { id: ['a'] }, { alertId: 'a' }])(
    'sets %j aside as having no id',
    (alert) => {
      expect(parse(alert)).toMatchObject({ reason: 'no_id', bytes: Buffer.from(JSON.stringify(alert)) });
    },
  );

  it('sets an alert aside that was cut for being too large, without reading what is left of it', () => {
    const bytes = Buffer.from('{"id":"a","title":"cut of');
    expect(parseAlert({ bytes, totalBytes: pageLimits.elementBytes + 1 }, ORIGIN, false)).toEqual({
      reason: 'too_large',
      bytes,
      totalBytes: pageLimits.elementBytes + 1,
    });
  });

  it('trusts nothing of an answer that holds an element which is not JSON', () => {
    expect(() => parse('{"id":"a"')).toThrow(
      'Read alerts: the answer cannot be read: an element of the page is not JSON',
    );
  });
});

describe('the message key', () => {
  // Letters that make parts run into each other when they are joined carelessly.
  const part = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '[', ' '), maxLength: 3 }),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const named = fc.record({ tenantId: part, source: part, alertId: part, version: part });

  it('is equal for two versions exactly when tenant, source, alert and version are', () => {
    fc.assert(
      fc.property(named, named, (a, b) => {
        const areEqual =
          a.tenantId === b.tenantId &&
          a.source === b.source &&
          a.alertId === b.alertId &&
          a.version === b.version;
        return (messageKey(a) === messageKey(b)) === areEqual && messageKey({ ...a }) === messageKey(a);
      }),
      { numRuns: 2_000 },
    );
  });

  it('differs when a single part differs', () => {
    const version = createVersion();
    const others = [
      { ...version, tenantId: 'fabrikam.example' },
      { ...version, source: 'graph' },
      { ...version, alertId: 'da2' },
      { ...version, version: '2026-11-21T02:30:00.0000001Z' },
    ];
    expect(new Set([version, ...others].map(messageKey)).size).toBe(5);
  });

  it('stays the same from release to release, because receivers store it', () => {
    expect(messageKey(createVersion())).toBe('e9fb01874ad3c0e2f93055d2516895fe');
  });
});
