import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFailure } from '../../src/defender/readFailure.ts';

/** A body that comes in pieces of this size. */
async function* inPieces(text: string, size = 10): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const read = (body: unknown) => readFailure(inPieces(typeof body === 'string' ? body : JSON.stringify(body)));

const NOTHING = { code: 'without a code', message: undefined, id: undefined };
const ID = '4c8ec7d4-7a3c-4d0c-9d5e-5b8f1d5e0a11';

describe('the body of an error answer', () => {
  it.each([
    [
      'Defender for Endpoint',
      { error: { code: 'ResourceNotFound', message: 'Machine was not found', target: ID } },
      { code: 'ResourceNotFound', message: 'Machine was not found', id: ID },
    ],
    [
      'Defender for Endpoint at its quota',
      { error: { code: '429', message: 'API calls quota exceeded!' } },
      { code: '429', message: 'API calls quota exceeded!', id: undefined },
    ],
    [
      'Graph',
      { error: { code: 'BadRequest', message: 'Syntax error', innerError: { 'request-id': ID, date: 'x' } } },
      { code: 'BadRequest', message: 'Syntax error', id: ID },
    ],
    [
      'Graph in its other spelling',
      { error: { code: 'UnknownError', message: '', innererror: { 'request-id': ID } } },
      { code: 'UnknownError', message: undefined, id: ID },
    ],
  ])('of %s gives code, message and id', async (_title, body, expected) => {
    expect(await read(body)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['is empty', ''],
    ['is a page of a proxy', '<html><body>502 Bad Gateway</body></html>'],
    ['was cut off', '{"error":{"code":"BadRequest"'],
    ['is null', null],
    ['is a list', []],
    ['has no error', { message: 'x' }],
    ['has an error that is null', { error: null }],
    ['has an error that is a text', { error: 'invalid_client' }],
    ['has members of other types', { error: { code: 5, message: {}, target: 7 } }],
  ])('that %s leaves them out, and does not fail', async (_title, body) => {
    expect(await read(body)).toEqual(NOTHING);
  });

  it.each(['a b', 'x\ny', '<script>', 'x'.repeat(81), ''])(
    'gives no code of another form: %j',
    async (code) => {
      expect((await read({ error: { code, target: code } })).code).toBe('without a code');
      expect((await read({ error: { code, target: code } })).id).toBeUndefined();
    },
  );

  it('gives a long message cut', async () => {
    expect((await read({ error: { message: 'x'.repeat(5_000) } })).message).toBe('x'.repeat(2_000));
  });

  it('is read up to 64 KiB and no further', async () => {
    let read64 = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read64 += 1024;
        yield await Promise.resolve(new Uint8Array(1024));
      }
    }
    expect(await readFailure(endless())).toEqual(NOTHING);
    expect(read64).toBeLessThanOrEqual(66 * 1024);
  });

  it('that breaks off leaves everything out, because the status is what matters', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('{"error":'));
      throw new Error('connection lost');
    }
    expect(await readFailure(broken())).toEqual(NOTHING);
  });

  it('never fails, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const { code, message } = await read(text);
        expect(code).toMatch(/^([\w.-]{1,80}|without a code)$/);
        expect(message?.length ?? 0).toBeLessThanOrEqual(2_000);
      }),
    );
  });
});
