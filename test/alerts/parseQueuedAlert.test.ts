import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvelope, spliceAlert } from '../../src/alerts/envelope.ts';
import { parseQueuedAlert } from '../../src/alerts/parseQueuedAlert.ts';
import { createVersion } from '../support/alerts.ts';

const envelope = createEnvelope(createVersion(), Date.parse('2026-11-21T02:31:00Z'));

describe('parsing a queued alert', () => {
  it('gives back what the outbox composed, whatever the alert holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const alert: unknown = JSON.parse(JSON.stringify(value));
        const message: unknown = JSON.parse(spliceAlert(envelope, JSON.stringify(alert)));
        expect(parseQueuedAlert(message)).toEqual({ ...envelope, alert });
      }),
    );
  });

  it('takes the name of a blob in place of the alert', () => {
    const message = { ...envelope, alertBlob: 'contoso/endpoint/1.json' };
    expect(parseQueuedAlert(message)).toEqual(message);
  });

  it('leaves out what a redriven message says of its earlier failure', () => {
    const message = { ...envelope, alert: {}, failure: { code: 'webhook_failed' } };
    expect(parseQueuedAlert(message)).toEqual({ ...envelope, alert: {} });
  });

  it.each([undefined, null, 'text', 5, true, [], [envelope]])('refuses %j, which is no object', (message) => {
    expect(() => parseQueuedAlert(message)).toThrow(
      "Deliver alert: the queue message cannot be read: it is not a JSON object. Look at it in the queue 'alerts-poison'; " +
        'only the pull may write to the queue.',
    );
  });

  it.each([undefined, 0, 2, '1'])('refuses the schema version %j of another release', (schemaVersion) => {
    expect(() => parseQueuedAlert({ ...envelope, schemaVersion, alert: {} })).toThrow(
      'its schemaVersion is not 1',
    );
  });

  it.each(['messageKey', 'tenantId', 'source', 'alertId', 'alertVersion', 'handedOverAt'])(
    'refuses a message without %s and names it',
    (name) => {
      for (const value of [undefined, '', 5, null]) {
        expect(() => parseQueuedAlert({ ...envelope, alert: {}, [name]: value })).toThrow(
          `${name} is missing`,
        );
      }
    },
  );

  it('names everything that is missing at once', () => {
    expect(() => parseQueuedAlert({ ...envelope, alert: {}, source: '', alertId: '' })).toThrow(
      'source, alertId is missing',
    );
  });

  it('refuses a message that holds neither an alert nor the name of a blob', () => {
    expect(() => parseQueuedAlert(envelope)).toThrow('it holds neither alert nor alertBlob');
    expect(() => parseQueuedAlert({ ...envelope, alertBlob: 5 })).toThrow('it holds neither');
  });
});
