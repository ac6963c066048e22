import { InvocationContext, type HttpResponseInit } from '@azure/functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallerGate } from '../../src/http/CallerGate.ts';
import { createHandler, type Answer } from '../../src/http/createHandler.ts';
import { toPage } from '../../src/http/page.ts';
import { StorageError } from '../../src/storage/StorageError.ts';
import { createRequest } from './support/requests.ts';

const textOf = (body: unknown) => (typeof body === 'string' ? body : '');
const EVIL = '"><script>alert(1)</script>';

describe('a page', () => {
  it('shows every text as text, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { body } = toPage({ status: 200, title: text, paragraphs: [text], command: text });
        const tags = textOf(body).match(/<[^>]*>/g) ?? [];
        expect(tags).toHaveLength(16);
      }),
    );
  });
});

const gate = {
  usesFunctionKeys: false,
  identify: () => Promise.reject(new Error('not called')),
} as unknown as CallerGate;

async function call(answer: Answer, query: Record<string, string>): Promise<HttpResponseInit> {
  const context = new InvocationContext({
    functionName: 'finishConsent',
    invocationId: 'request-1',
    logHandler: () => undefined,
  });
  const response: HttpResponseInit = await createHandler(
    'finishConsent',
    () => gate,
    answer,
  )(createRequest({ query }), context);
  return response;
}

function headersOf({ headers }: HttpResponseInit): Headers {
  return new Headers(headers);
}

describe('an endpoint for browsers', () => {
  it('takes a link that another service has added to, and gives only what it knows to the function', async () => {
    const query = { state: 's', tenant: 't', session_state: EVIL, error_description: EVIL };
    let seen: unknown;
    const answer: Answer = (known) => {
      seen = known.query;
      return Promise.resolve(toPage({ status: 200, title: 'Done', paragraphs: [] }));
    };
    const response = await call(answer, query);
    expect(response.status).toBe(200);
    expect(seen).toEqual({ state: 's', tenant: 't' });
    const headers = headersOf(response);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each([
    ['a failure of ours', new StorageError('Read consent', new Error('SharedKey abc')), 503],
    ['an error that nobody expected', new TypeError(EVIL), 500],
  ])('answers %s with a page that tells nothing but the request id', async (_what, error, status) => {
    const response = await call(() => Promise.reject(error), { state: EVIL });
    expect(response.status).toBe(status);
    expect(textOf(response.body)).toContain('request-1');
    expect(textOf(response.body)).not.toMatch(/script|SharedKey|Azure Storage/);
    expect(headersOf(response).get('content-type')).toContain('text/html');
    expect(headersOf(response).get('x-content-type-options')).toBe('nosniff');
  });
});
