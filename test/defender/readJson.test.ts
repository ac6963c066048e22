import { describe, expect, it } from 'vitest';
import type { DefenderAnswer } from '../../src/defender/DefenderClient.ts';
import { DefenderUnreachable } from '../../src/defender/DefenderUnreachable.ts';
import { readJson } from '../../src/defender/readJson.ts';

function answerOf(body: AsyncIterable<Uint8Array>): DefenderAnswer {
  return { status: 200, headers: new Headers(), requestId: 'r-1', body };
}

async function* inPieces(text: string, size = 3): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const read = (text: string) => readJson('Read device', answerOf(inPieces(text)));

describe('the JSON object of an answer', () => {
  it('is read from pieces that end anywhere, also inside a character', async () => {
    expect(await read('{"name":"désk 🔥","n":[1,2]}')).toEqual({ name: 'désk 🔥', n: [1, 2] });
  });

  it.each(['', 'null', '[]', '"x"', '5', '<html>', '{"a":', '{}{}'])('is none in %j', async (text) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
      requestId: 'r-1',
      message: expect.stringMatching(
        /^Read device: the answer cannot be read: it is no JSON object\./,
      ) as string,
    });
  });

  it('is not read beyond 64 MiB', async () => {
    const piece = new Uint8Array(1024 * 1024);
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield await Promise.resolve(piece);
      }
    }
    await expect(readJson('Read device', answerOf(endless()))).rejects.toMatchObject({
      code: 'defender_answer_too_large',
      requestId: 'r-1',
    });
    expect(given).toBe(65);
  });

  it('fails with what broke the answer off', async () => {
    const broken = new DefenderUnreachable('Read device', undefined);
    async function* breakingOff(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('{"a":'));
      throw broken;
    }
    await expect(readJson('Read device', answerOf(breakingOff()))).rejects.toBe(broken);
  });
});
