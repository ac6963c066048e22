import { describe, expect, it } from 'vitest';
import { isOwnAction } from '../../src/devices/chooseStart.ts';
import { formatComment } from '../../src/devices/formatComment.ts';
import { machineActionOf, OPERATION_ID, operationOf } from '../support/devices.ts';

const run = { workflow: 'contain', runId: 'run-7', action: 'Isolate', trackingId: 't' };

describe('the comment that Defender keeps', () => {
  it('has the tag first, then why, and on whose behalf', () => {
    const operation = operationOf({}, { incidentId: '4711', run });
    expect(formatComment(operation)).toBe(
      `[op:${OPERATION_ID}] Ransomware seen [by SOAR] [incident 4711] [run run-7]`,
    );
    const plain = operationOf(
      {},
      { caller: { kind: 'person', id: 'oid-1', name: undefined, applicationId: undefined } },
    );
    expect(formatComment(plain)).toBe(`[op:${OPERATION_ID}] Ransomware seen [by oid-1]`);
  });

  it('leads back to its operation, also when it is cut', () => {
    const operation = operationOf({}, { comment: 'x'.repeat(4_000), incidentId: '4711', run });
    const requestorComment = formatComment(operation).slice(0, 100);
    expect(isOwnAction(machineActionOf({ requestorComment }), operation)).toBe(true);
  });
});
