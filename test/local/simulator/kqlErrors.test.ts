import { describe, expect, it } from 'vitest';
import { KqlError } from '../../../local/simulator/hunting/kql/KqlError.ts';
import { NotSimulatedError } from '../../../local/simulator/hunting/kql/NotSimulatedError.ts';
import { QueryTooLargeError } from '../../../local/simulator/hunting/kql/QueryTooLargeError.ts';
import { runKql } from './runKql.ts';

function fail(query: string): unknown {
  try {
    return runKql(query);
  } catch (error) {
    return error;
  }
}

// The real service refuses all of these too, if in other words.
describe('A wrong query', () => {
  it.each([
    ['Nope | count', "'Nope' does not refer to any known table"],
    ['files | count', "'files' does not refer to any known table"],
    [
      'Files\n| where Nope == 1',
      "'Nope' does not refer to any known column, table, variable or function. (KS142, line 2, position 9)",
    ],
    ['Files | where nope(Name)', "'nope' does not refer to any known function"],
    ['Files | summarize nope(Size)', "'nope' does not refer to any known function"],
    ['Files | wher Size > 1', 'Query operator expected.'],
    ['Files | where Name', 'The expression must have the type bool.'],
    ['Files | join (Empty) on Nope', "'Nope' does not refer"],
    ['print x = ', 'Missing expression'],
    ["print 'a' > 'b'", "The operator '>' is not defined"],
    ['Files | order by Info', "'dynamic' is not allowed"],
    ["print 'a' matches regex '['", "regular expression '[' is not valid"],
    ["print extract('(?=a)', 0, 'a')", 'looks around, which is not supported'],
    ["print replace_regex('aa', '(a)\\\\1', '')", 'refers to a group, which is not supported'],
    ["print format_datetime(now(), 'yyyy~')", "'~' in 'yyyy~' is not supported"],
    ['print datetime(2026-02-30)', 'cannot be read as datetime'],
    ['.show tables', 'this is a command'],
    ['// a remark only', 'The query is empty.'],
  ])('%s is refused', (query, message) => {
    const error = fail(query);
    expect(error).toBeInstanceOf(KqlError);
    expect((error as KqlError).message).toContain(message);
  });
});

// Right for Kusto, and never answered with a guess.
describe('What is not simulated', () => {
  it.each([
    ['Files | make-series count() on Size from 1 to 2 step 1', "the operator 'make-series'"],
    ['Files | evaluate bag_unpack(Info)', "the operator 'evaluate'"],
    ["search 'x'", "'search'"],
    ['find in (Files) where Size > 1', "'find'"],
    ['Files | top-nested 1 of Name by count()', "the operator 'top-nested'"],
    ['Files | mv-apply Info on (take 1)', "the operator 'mv-apply'"],
    ['Files | sample 1', "the operator 'sample'"],
    ['Files | as Few', "the operator 'as'"],
    ["Files | parse kind=regex Name with 'a' Rest", 'parse kind=regex'],
    ["externaldata(a:string)['https://example']", "'externaldata'"],
    ['union kind=inner Files, Empty', 'union kind=inner'],
    ['union withsource=From (Files | take 1), Empty', 'union withsource'],
    ['EmailUrlInfo | take 1', 'EmailUrlInfo'],
    ['Files | invoke FileProfile(Name)', 'FileProfile'],
    ['print rand()', 'the function rand()'],
    ['print ingestion_time()', 'the function ingestion_time()'],
    ['Files | summarize stdev(Size)', 'the function stdev()'],
    ['Files | summarize make_list(Info)', 'make_list() of arrays'],
    ['print toguid("x")', 'the function toguid()'],
    ['Files | where * has "x"', "'*' as a value"],
    ['print 1 / 0', 'the division of a whole number by zero'],
    ['print dynamic("5") == 5', 'comparing a string with a long'],
    ['Files | where Name == 5', 'comparing a string with a long'],
    ["print 'a' matches regex '[[:alpha:]]'", 'the regular expression'],
    ['print hash_sha256(5)', "'hash_sha256(5)' with a value of type long"],
    ['let f = (T: (*)) { T | count }; f(Files)', 'a function that takes (*)'],
    ['Files | take 1; Empty', 'more than one result'],
    ['set notruncation; Files', "the statement 'set notruncation'"],
    ['print datetime()', 'datetime() without a value'],
  ])('%s is refused by name', (query, message) => {
    const error = fail(query);
    expect(error).toBeInstanceOf(NotSimulatedError);
    expect((error as NotSimulatedError).message).toContain(message);
  });
});

describe('A query that grows without bounds', () => {
  it.each([
    'range x from 1 to 10000000 step 1',
    'let T = range x from 1 to 2000 step 1 | extend k = 1; T | join kind=inner T on k | count',
  ])('%s ends', (query) => {
    expect(fail(query)).toBeInstanceOf(QueryTooLargeError);
  });
});
