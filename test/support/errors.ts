import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { StorageError } from '../../src/storage/StorageError.ts';

/** Defender's answer with an error status. */
export function httpError(serviceStatus: number, retryAfterMs?: number): DefenderHttpError {
  return new DefenderHttpError({
    operation: 'Read alerts',
    serviceStatus,
    serviceCode: 'Simulated',
    requestId: 'request-1',
    retryAfterMs,
  });
}

/** Azure Storage that refuses for a while. */
export function storageError(): StorageError {
  return new StorageError('Send to queue', { statusCode: 503, code: 'ServerBusy' });
}
