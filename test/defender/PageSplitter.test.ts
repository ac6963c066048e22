import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PageSplitter,
  pageLimits,
  type PageElement,
  type PageShell,
} from '../../src/defender/PageSplitter.ts';

/** Feeds a text to the splitter in chunks of these sizes, over and over. */
function split(text: string, sizes: readonly number[] = [1 << 20], limits = pageLimits) {
  const bytes = Buffer.from(text, 'utf8');
  const splitter = new PageSplitter(limits);
  const elements: PageElement[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    elements.push(...splitter.push(bytes.subarray(start, start + size)));
    start += size;
  }
  const shell: PageShell = splitter.end();
  const parse = ({ bytes: json }: PageElement) => JSON.parse(json.toString('utf8')) as unknown;
  return { shell, elements, values: () => elements.map(parse) };
}

const refuses = (text: string) => () => split(text);

describe('the page splitter', () => {
  it('gives what JSON.parse gives, for any page and any chunking', () => {
    const page = fc.record(
      {
        '@odata.context': fc.string(),
        '@odata.nextLink': fc.webUrl(),
        other: fc.jsonValue(),
        value: fc.array(fc.jsonValue(), { maxLength: 8 }),
      },
      { requiredKeys: ['value'] },
    );
    const chunks = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(page, chunks, fc.constantFrom(undefined, 1, '\t'), (document, sizes, indent) => {
        const text = JSON.stringify(document, null, indent);
        const parsed = JSON.parse(text) as { value: unknown[] };
        const { values, shell } = split(text, sizes);
        expect(values()).toEqual(parsed.value);
        expect(shell).toEqual({ ...parsed, value: [] });
      }),
      { numRuns: 600 },
    );
  });

  it('notices wherever a page is cut off', () => {
    const text = JSON.stringify({
      before: { a: '{"[' },
      value: [{ id: 'x', t: '\\"]},' }, [1, 2], 'y', 3],
      after: 1,
    });
    for (let length = 0; length < text.length; length += 1) {
      expect(refuses(text.slice(0, length)), `cut after ${length}`).toThrow('cannot be read');
    }
    expect(split(text).values()).toHaveLength(4);
  });

  it('takes only the `value` of the page itself for the list', () => {
    const text = '{"inner":{"value":[1]},"list":["value",[2]],"value":[3],"name":"value"}';
    expect(split(text).values()).toEqual([3]);
  });

  it('knows the key also when it is written with an escape', () => {
    expect(split(String.raw`{"v\u0061lue":[1,2]}`).values()).toEqual([1, 2]);
  });

  it('passes over a byte order mark', () => {
    expect(split(`\ufeff{"value":[1]}`).values()).toEqual([1]);
  });

  it.each([
    ['<html><body>Sign in</body></html>', 'a proxy page'],
    ['{"error":{"code":"X"}}', 'a body without a list'],
    ['{"value":{"a":1}}', 'a list that is none'],
    ['{"value":[1],"value":[2]}', 'two lists'],
    ['{"value":[1,]}', 'a list that ends with a comma'],
    ['{"value":[,1]}', 'a list that begins with a comma'],
    ['{"value":[1]} trailing', 'text after the page'],
    ['[1,2]', 'a bare list'],
    ['', 'nothing'],
  ])('refuses %s, %s', (text) => {
    expect(refuses(text)).toThrow('cannot be read');
  });

  it('cuts a monstrous element and goes on with its neighbours', () => {
    const text = JSON.stringify({ value: ['a', 'x'.repeat(500), 'b'] });
    const { elements } = split(text, [7], { ...pageLimits, elementBytes: 100 });
    expect(elements.map(({ totalBytes }) => totalBytes)).toEqual([3, 502, 3]);
    expect(elements.map(({ bytes }) => bytes.length)).toEqual([3, 100, 3]);
  });

  it('gives the same bytes of an element wherever it stands and however the page is laid out', () => {
    const { elements } = split('{"value":[ {"a":1} , {"a":1}\n]}');
    expect(elements.map(({ bytes }) => bytes.toString('utf8'))).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('refuses a page nested without end', () => {
    expect(refuses(`{"value":[${'['.repeat(1000)}`)).toThrow('nested too deeply');
  });
});
