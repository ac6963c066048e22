import { describe, expect, it } from 'vitest';
import { fromRow, toRow } from '../../src/operations/operationRow.ts';
import { START } from '../support/createTestActions.ts';
import { OPERATION_ID, operationOf } from '../support/devices.ts';

const over = operationOf({ status: 'Succeeded', endedAt: START + 60_000, attempts: 1, sentAt: START });

describe('the row of an operation', () => {
  it('gives the operation back', () => {
    for (const operation of [operationOf(), over]) {
      expect(fromRow(OPERATION_ID, { ...toRow(operation) })).toEqual(
        JSON.parse(JSON.stringify(operation)) as unknown,
      );
    }
  });

  it('has what people search for beside it', () => {
    expect(toRow(over)).toMatchObject({
      schemaVersion: 1,
      status: 'Succeeded',
      action: 'isolate',
      deviceName: 'ws1.contoso.example',
      callerId: 'soar',
      createdAt: '2026-11-21T12:00:00.000Z',
      endedAt: '2026-11-21T12:01:00.000Z',
    });
  });

  it.each([
    ['is of another release', { schemaVersion: 2 }],
    ['has no version', { schemaVersion: undefined }],
    ['is of another operation', { operation: toRow(operationOf({ id: 'f'.repeat(32) })).operation }],
    ['is cut off', { operation: toRow(operationOf()).operation.slice(0, -3) }],
    ['is no text', { operation: 7 }],
    ['is null', { operation: 'null' }],
    ['is missing', { operation: undefined }],
  ])('is not trusted when it %s', (_what, change) => {
    const row = { ...toRow(operationOf()), ...change };
    expect(() => fromRow(OPERATION_ID, row)).toThrow(
      expect.objectContaining({ code: 'operation_untrusted' }) as Error,
    );
  });

  it('is refused before storage refuses it when it is too large', () => {
    const operation = operationOf({}, { comment: 'x'.repeat(32_000) });
    expect(() => toRow(operation)).toThrow('outgrew');
  });
});
