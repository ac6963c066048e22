import { UsageError } from './runCommand.ts';

/** Microsoft Graph said no, or nothing. `status` is undefined when there was no answer. */
export class GraphRefused extends UsageError {
  readonly status: number | undefined;

  constructor(operation: string, status: number | undefined, code: string, requestId: string) {
    const next =
      status === 403
        ? ' You need to own the application, or the Entra role Application Administrator or Cloud Application Administrator; to read, Directory Readers.'
        : status === 404
          ? ' Check the client id and the tenant you are signed in to; what was just made may take a minute to appear.'
          : '';
    const answer = status === undefined ? code : `HTTP ${status} ${code}`;
    super(`${operation}: Microsoft Graph: ${answer}.${next}${requestId ? ` Request id ${requestId}.` : ''}`);
    this.status = status;
  }
}
