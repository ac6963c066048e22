import { describe, expect, it } from 'vitest';
import { DefenderAnswerTooLarge } from '../../src/defender/DefenderAnswerTooLarge.ts';
import { DefenderHttpError } from '../../src/defender/DefenderHttpError.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { classifyHuntFailure } from '../../src/hunting/classifyHuntFailure.ts';

const NOW = Date.parse('2026-11-21T12:07:30Z');

const answered = (serviceStatus: number, serviceMessage?: string, retryAfterMs?: number) =>
  new DefenderHttpError({
    operation: 'Run hunting query',
    serviceStatus,
    serviceCode: 'BadRequest',
    serviceMessage,
    requestId: 'r-1',
    retryAfterMs,
  });

describe('a hunt that failed', () => {
  // Texts of real answers: see the sources in src/hunting/classifyHuntFailure.ts and the documentation of the APIs.
  it.each<[number, string | undefined, string, number]>([
    [
      400,
      "'where' operator: Failed to resolve column or scalar expression named 'x'",
      'hunt_query_invalid',
      400,
    ],
    [
      400,
      "'take' operator: Failed to resolve table expression named 'Nope'. Fix semantic errors in your query.",
      'hunt_query_invalid',
      400,
    ],
    [400, 'Syntax error in your query.', 'hunt_query_invalid', 400],
    [400, undefined, 'hunt_query_invalid', 400],
    [
      400,
      'Query execution has exceeded the allowed result size. Optimize your query and try again.',
      'hunt_result_too_large',
      422,
    ],
    [400, 'Query execution has exceeded the allowed limits. It was preempted.', 'hunt_preempted', 422],
    [400, 'The query was Preempted.', 'hunt_preempted', 422],
    [413, undefined, 'hunt_result_too_large', 422],
    [429, 'API calls quota exceeded! maximum allowed 45 per 00:01:00', 'hunt_throttled', 429],
    [429, 'Too many requests. Please retry after some time.', 'hunt_throttled', 429],
    [429, undefined, 'hunt_throttled', 429],
    [429, 'You have exceeded the CPU quota of your tenant.', 'hunt_quota_exhausted', 429],
    [429, 'Maximum running time of 10 minutes per hour was reached.', 'hunt_quota_exhausted', 429],
    [429, 'This query exceeded the allocated resources.', 'hunt_quota_exhausted', 429],
    [504, undefined, 'hunt_timed_out', 504],
    [408, undefined, 'hunt_timed_out', 504],
    [401, undefined, 'defender_http_error', 502],
    [404, undefined, 'defender_http_error', 502],
    [500, undefined, 'defender_http_error', 502],
    [503, undefined, 'defender_http_error', 502],
  ])('with %i %j is %s for its caller, %i', (status, message, code, httpStatus) => {
    expect(classifyHuntFailure(answered(status, message), NOW)).toMatchObject({
      code,
      httpStatus,
      requestId: 'r-1',
    });
  });

  it("for a wrong query says so in the service's own words, in a sentence", () => {
    expect(classifyHuntFailure(answered(400, 'Syntax error at line 1'), NOW)).toMatchObject({
      message: 'The query is not accepted: Syntax error at line 1.',
    });
    expect(classifyHuntFailure(answered(400, 'Syntax error.'), NOW)).toMatchObject({
      message: 'The query is not accepted: Syntax error.',
    });
  });

  it.each<[string, number | undefined, number]>([
    ['calls quota exceeded', 12_000, 12_000],
    ['calls quota exceeded', undefined, 60_000],
    ['CPU quota', 900_000, 900_000],
    // Seven and a half minutes of the quarter of an hour have passed.
    ['CPU quota', undefined, 450_000],
  ])(
    'with 429 "%s" and a Retry-After of %s ms is worth a try in %i ms',
    (message, retryAfterMs, expected) => {
      expect(classifyHuntFailure(answered(429, message, retryAfterMs), NOW)).toMatchObject({
        retryAfterMs: expected,
        retryable: true,
      });
    },
  );

  it('at the very beginning of a cycle waits for all of it', () => {
    const start = Date.parse('2026-11-21T12:15:00Z');
    expect(classifyHuntFailure(answered(429, 'CPU'), start)).toMatchObject({ retryAfterMs: 900_000 });
  });

  it('by an answer larger than what is documented is too large', () => {
    const error = new DefenderAnswerTooLarge('Run hunting query', 5, 'r-2');
    expect(classifyHuntFailure(error, NOW)).toMatchObject({
      code: 'hunt_result_too_large',
      httpStatus: 422,
      requestId: 'r-2',
    });
  });

  it('otherwise failed for what it says itself', () => {
    for (const error of [new DefenderUnreachable('x', undefined), new TypeError('x'), 'x', undefined]) {
      expect(classifyHuntFailure(error, NOW)).toBe(error);
    }
  });
});
