import { describe, expect, it } from 'vitest';
import { toOperationView } from '../../src/operations/operationView.ts';
import { START } from '../support/createTestActions.ts';
import { OPERATION_ID, operationOf } from '../support/devices.ts';

describe('an operation as callers see it', () => {
  it('says who asked for what and why, and how it ended', () => {
    const error = { code: 'machine_action_failed', message: 'no' };
    const view = toOperationView(
      operationOf({ status: 'Failed', checkedAt: START + 1_000, endedAt: START + 2_000, error }),
    );
    expect(JSON.parse(JSON.stringify(view))).toEqual({
      id: OPERATION_ID,
      status: 'Failed',
      action: 'isolate',
      device: { id: operationOf().request.device.id, name: 'ws1.contoso.example' },
      comment: 'Ransomware seen',
      isolationType: 'Full',
      caller: { kind: 'application', id: 'soar', name: 'SOAR', applicationId: 'soar' },
      createdDateTime: '2026-11-21T12:00:00.000Z',
      checkedDateTime: '2026-11-21T12:00:01.000Z',
      endedDateTime: '2026-11-21T12:00:02.000Z',
      error,
    });
  });

  it('keeps to itself what only the app needs', () => {
    const view = toOperationView(operationOf({ attempts: 1, sentAt: START }));
    for (const name of ['requestHash', 'attempts', 'sentAt', 'nextCheckAt']) {
      expect(view).not.toHaveProperty(name);
    }
  });
});
