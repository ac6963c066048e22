import { describe, expect, it } from 'vitest';
import { evaluate, resolve } from './expressions/evaluate.ts';
import type { EvaluationContext } from './expressions/EvaluationContext.ts';
import { ExpressionFailed, NotInterpreted } from './expressions/Expression.ts';
import { parseExpression } from './expressions/parseExpression.ts';

const context: EvaluationContext = {
  triggerBody: { name: "O'Hara", list: [{ n: 1 }, { n: 2 }], nothing: null, 'a b': 3 },
  parameters: { url: 'https://example.com' },
  variables: new Map<string, unknown>([['v', { x: 1 }]]),
  actions: new Map([
    [
      'Http',
      {
        status: 'Failed',
        outputs: { statusCode: 404, body: 'gone' },
        error: { code: 'NotFound', message: '' },
      },
    ],
    ['Compose', { status: 'Succeeded', outputs: [1, 2] }],
    ['Skipped', { status: 'Skipped' }],
  ]),
  workflow: { name: 'w', runId: '0858' },
  now: () => new Date('2026-11-21T12:00:00Z'),
};

const run = (text: string) => evaluate(parseExpression(text), context);

describe('an expression', () => {
  it.each<[string, unknown]>([
    ["'it''s'", "it's"],
    ['-1.5', -1.5],
    ['null', null],
    ["triggerBody()['name']", "O'Hara"],
    ["triggerBody().list[1]['n']", 2],
    ["triggerBody()?['a b']", 3],
    ["triggerBody()?['absent']?['deeper']?[0]", null],
    ["triggerBody()?['list']?[7]", null],
    ["parameters('url')", 'https://example.com'],
    ["variables('v')?.x", 1],
    ["body('Http')", 'gone'],
    ["outputs('Http')['statusCode']", 404],
    ["actions('Http')?['error']?['code']", 'NotFound'],
    ["actions('Skipped')?['status']", 'Skipped'],
    ["body('Skipped')", null],
    ["outputs('Never')?['headers']?['x']", null],
    ["outputs('Compose')[0]", 1],
    ["coalesce(null, triggerBody()?['absent'], 'c')", 'c'],
    ["concat('a', null, 1, outputs('Compose'))", 'a1[1,2]'],
    ["equals(triggerBody()['list'][0], json('{\"n\": 1}'))", true],
    ["equals('a', 'A')", false],
    ["equals(1, '1')", false],
    ["if(less(1, 2), 'yes', 'no')", 'yes'],
    ['contains(createArray(400, 422), 422)', true],
    ["take('abc', 2)", 'ab'],
    ["take(outputs('Compose'), 1)", [1]],
    ["first(json('[]'))", null],
    ["string(variables('v'))", '{"x":1}'],
    ["base64(concat('ä', string(null)))", 'w6Q='],
    ["uriComponent('a/b c')", 'a%2Fb%20c'],
    ["setProperty(variables('v'), 'y', 2)", { x: 1, y: 2 }],
    ["workflow()['run']['name']", '0858'],
    ['utcNow()', '2026-11-21T12:00:00.000Z'],
  ])('%s', (text, value) => {
    expect(run(text)).toEqual(value);
  });

  it.each([
    ["triggerBody()['absent']"],
    ["triggerBody()['nothing']['x']"],
    ["triggerBody()['name']?['x']"],
    ["body('Http')?['error']"],
    ["triggerBody()['list']['n']"],
    ["triggerBody()['list'][2]"],
    ["less('1', 2)"],
    ["if('true', 1, 2)"],
    // Both values are evaluated, whichever is chosen.
    ["if(true, 1, triggerBody()['absent'])"],
    ["json('{')"],
    ['base64(null)'],
  ])('%s fails its action', (text) => {
    expect(() => run(text)).toThrow(ExpressionFailed);
  });

  it.each([
    ["toUpper('a')"],
    ["equals('a')"],
    ["parameters('absent')"],
    ["variables('absent')"],
    ['item()'],
    ['listCallbackUrl()'],
    ['1 + 1'],
    ["concat('a' 'b')"],
    ["concat('a',"],
    ["'open"],
    ['triggerBody()?'],
    [''],
  ])('%s is not interpreted', (text) => {
    expect(() => run(text)).toThrow(NotInterpreted);
  });
});

describe('a text of a definition', () => {
  it.each<[string, unknown]>([
    ['plain', 'plain'],
    ['someone@example.com', 'someone@example.com'],
    ['@@literal', '@literal'],
    ["@variables('v')", { x: 1 }],
    ["@{variables('v')}", '{"x":1}'],
    ["a @{triggerBody()?['absent']} b @{concat('}', '{')} c", 'a  b }{ c'],
  ])('%s', (text, value) => {
    expect(resolve(text, context)).toEqual(value);
  });

  it('is found however deep, and everything else stays', () => {
    expect(resolve({ a: ['@{utcNow()}', 1, null, { b: true }] }, context)).toEqual({
      a: ['2026-11-21T12:00:00.000Z', 1, null, { b: true }],
    });
  });

  it.each(['@{', "@{concat('a'", '@', 'a @@{utcNow()}'])('%s is not interpreted', (text) => {
    expect(() => resolve(text, context)).toThrow(NotInterpreted);
  });
});
