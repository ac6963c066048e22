import { randomUUID } from 'node:crypto';
import type { SimulatedClock } from '../clock/SimulatedClock.ts';
import { json } from '../http/Answer.ts';
import { Refusal } from '../http/Refusal.ts';

/** One refusal of Entra. */
export interface EntraError {
  readonly status: number;
  readonly error: string;
  /** The AADSTS number. */
  readonly code: number;
  readonly message: string;
  /** Tells what a person has to do. */
  readonly suberror?: string;
  /** A claims challenge, JSON as text. */
  readonly claims?: string;
}

/** A refusal in the shape of the token endpoint. */
export function entraRefusal(
  { status, error, code, message, ...others }: EntraError,
  clock: SimulatedClock,
): Refusal {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${clock.now().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const trailer = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return new Refusal(
    json(status, {
      error,
      error_description: `AADSTS${code}: ${message} ${trailer}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      ...others,
    }),
  );
}

/** The refusal of something that Entra documents and the simulator does not do. */
export function notSimulated(what: string): Refusal {
  return new Refusal(
    json(501, {
      error: 'not_simulated',
      error_description: `The simulator does not do ${what}. docs/simulator.md lists what it does.`,
    }),
  );
}
