import { AppError } from './AppError.ts';
import type { LogFields } from './Logger.ts';

/** The loggable part of an error: its code, message and request id; of an unknown error only its class and message. */
export function describeError(error: unknown): LogFields {
  if (error instanceof AppError) {
    return { code: error.code, message: error.logMessage, requestId: error.requestId };
  }
  return {
    code: 'unexpected_error',
    message: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
  };
}
