import { describe, expect, it } from 'vitest';
import { compareSpecificity, parseRouteTemplate } from '../../../local/host/routeTemplate.ts';

function match(template: string, path: string): Record<string, string> | undefined {
  return parseRouteTemplate(template).match(path === '' ? [] : path.split('/'));
}

describe('a route template', () => {
  it.each([
    ['', '', {}],
    ['', 'a', undefined],
    ['a/b', 'A/B', {}],
    ['a/b', 'a', undefined],
    ['a/{id}', 'a/1', { id: '1' }],
    ['a/{id}', 'a', undefined],
    ['a/{id?}', 'a', {}],
    ['a/{id=7}', 'a', { id: '7' }],
    ['a/{id:int?}', 'a/x', undefined],
    ['a/{*rest}', 'a', {}],
    ['a/{*rest}', 'a/b/c', { rest: 'b/c' }],
    ['a/{*rest:minlength(4)}', 'a/b', undefined],
    ['report-{id}.json', 'report-a.b.json', { id: 'a.b' }],
    ['{from}-{to}', 'x-y-z', { from: 'x-y', to: 'z' }],
    ['{a:regex(^\\d{{3}}-[a-z/]+$)}', '123-abc', { a: '123-abc' }],
    ['{a:regex(^\\d{{3}}$)}', '12', undefined],
    ['{a:int:range(1,5)}', '5', { a: '5' }],
    ['{a:int:range(1,5)}', '6', undefined],
  ])('%s on the path "%s" gives %o', (template, path, params) => {
    expect(match(template, path)).toEqual(params);
  });

  it.each([
    ['alpha', 'abC', 'ab1'],
    ['bool', 'TRUE', 'yes'],
    ['datetime', '2026-01-31', 'soon'],
    ['decimal', '1.5', '1e5'],
    ['double', '-1e5', 'one'],
    ['guid', 'CD2C1638-1638-72D5-1638-DEADBEEF1638', 'cd2c1638-1638'],
    ['int', '-2147483648', '2147483648'],
    ['long', '9223372036854775807', '9223372036854775808'],
    ['length(2)', 'ab', 'abc'],
    ['length(1,2)', 'ab', 'abc'],
    ['minlength(2)', 'ab', 'a'],
    ['maxlength(2)', 'ab', 'abc'],
    ['min(18)', '18', '17'],
    ['max(18)', '18', '19'],
    ['regex(^[a-c]+$)', 'ABC', 'abd'],
  ])('with the constraint %s takes %s and refuses %s', (constraint, good, bad) => {
    expect([match(`{x:${constraint}}`, good), match(`{x:${constraint}}`, bad)]).toEqual([
      { x: good },
      undefined,
    ]);
  });

  it.each([
    ['a//b', /must not contain/],
    ['a/{id', /unmatched brace/],
    ['a/{id}/{ID}', /names 'id' twice/],
    ['{*all}/b', /must be the last segment/],
    ['{x:colour}', /constraint 'colour' is not known/],
    ['{x:length(1}', /./],
  ])('%s is refused', (template, message) => {
    expect(() => parseRouteTemplate(template)).toThrow(message);
  });

  it('is more specific the earlier it has a literal, a constraint, or nothing that takes the rest', () => {
    const ordered = ['a', 'a/b', 'a/{x:int}', 'a/{x}', 'a/{*x:int}', 'a/{*x}', '{x}/b', '{*x}'];
    const templates = ordered.toReversed().map(parseRouteTemplate).sort(compareSpecificity);
    expect(templates.map(({ text }) => text)).toEqual(ordered);
  });
});
