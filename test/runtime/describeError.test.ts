import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/runtime/describeError.ts';
import { httpError, storageError } from '../support/errors.ts';

describe('describing an error for the log', () => {
  it('gives code, message and request id of one of ours, and nothing of its cause', () => {
    const error = httpError(503);
    expect(describeError(error)).toEqual({
      code: 'defender_http_error',
      message: error.message,
      requestId: 'request-1',
    });
    expect(describeError(storageError())).toMatchObject({ code: 'storage_error', requestId: undefined });
  });

  it.each([
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    [new DOMException('Too late.', 'TimeoutError'), 'TimeoutError: Too late.'],
    ['a text', 'unknown'],
    [{ message: 'no error' }, 'unknown'],
    [undefined, 'unknown'],
    [null, 'unknown'],
  ])('gives of the unexpected %o its class and message at most', (error, message) => {
    expect(describeError(error)).toEqual({ code: 'unexpected_error', message });
  });
});
