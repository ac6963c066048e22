import { describe, expect, it } from 'vitest';
import { accepted, ok } from '../../src/http/answers.ts';

describe('an answer', () => {
  it('of success is 200 with its body', () => {
    expect(ok({ a: 1 })).toEqual({ status: 200, jsonBody: { a: 1 } });
  });

  it('of acceptance says where to wait, where to look, and when, all from the configured base', () => {
    const options = { baseUrl: 'https://contoso.example/defender', id: 'abc', retryAfterMs: 10_000 };
    expect(accepted({ id: 'abc' }, options)).toEqual({
      status: 202,
      headers: {
        location: 'https://contoso.example/defender/api/operations/abc/result',
        'operation-location': 'https://contoso.example/defender/api/operations/abc',
        'retry-after': '10',
      },
      jsonBody: { id: 'abc' },
    });
  });

  it.each([
    [0, '1'],
    [-5_000, '1'],
    [1, '1'],
    [1_001, '2'],
    [300_000, '300'],
  ])('of acceptance rounds %i ms up to whole seconds, never to none', (retryAfterMs, seconds) => {
    const { headers } = accepted({}, { baseUrl: 'https://x', id: 'a', retryAfterMs });
    expect(headers).toMatchObject({ 'retry-after': seconds });
  });
});
