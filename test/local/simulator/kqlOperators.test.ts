import { describe, expect, it } from 'vitest';
import { now, runKql } from './runKql.ts';

const sales =
  "datatable(City:string, Amount:long, Rate:real)['Oslo',10,0.5,'Lyon',20,1.5,'Oslo',30,2.5,'',int(null),real(null)]";
const left = "datatable(Key:string, A:long)['a',1,'b',2,'b',3,'c',4]";
const right = "datatable(Key:string, B:long)['b',10,'c',20,'c',30,'d',40]";
const joined = (kind: string): string => `${left} | join kind=${kind} (${right}) on Key`;

// Results are worked out by hand from https://learn.microsoft.com/kusto/query/tabular-operators.
describe('A query', () => {
  it.each<[title: string, query: string, rows: unknown]>([
    [
      'reads a table',
      'Files',
      [
        ['a.exe', 10, { tag: 'x' }],
        ['b.dll', null, [1, 2]],
        ['', 30, null],
      ],
    ],
    ['reads a table without rows', 'Empty', []],
    ['keeps rows for which where is true', 'Files | where Size > 5 | project Name', [['a.exe'], ['']]],
    ['drops rows for which where is null', 'Files | where not(Size > 5)', []],
    ['compares null with !=', 'Files | where Size != 10 | project Name', [['b.dll'], ['']]],
    [
      'projects columns and values',
      'Files | project N = strlen(Name), Size',
      [
        [5, 10],
        [5, null],
        [0, 30],
      ],
    ],
    ['projects away', 'Files | project-away Info, S*', [['a.exe'], ['b.dll'], ['']]],
    [
      'projects only the kept columns, in the order of the table',
      'Files | take 1 | project-keep Size, N*',
      [['a.exe', 10]],
    ],
    ['renames columns', 'Files | take 1 | project-rename Path = Name | project Path', [['a.exe']]],
    ['reorders columns', 'Files | take 1 | project-reorder Size', [[10, 'a.exe', { tag: 'x' }]]],
    [
      'extends with new columns',
      'Files | take 1 | project Size | extend Double = Size * 2, Size + 1',
      [[10, 20, 11]],
    ],
    [
      'extends over a column, whose old value it still reads',
      'print a = 1 | extend a = a + 1, b = a',
      [[2, 1]],
    ],
    ['counts', 'Files | count', [[3]]],
    ['counts nothing', 'Empty | count', [[0]]],
    ['takes rows', 'Files | take 2 | project Name', [['a.exe'], ['b.dll']]],
    ['limits rows', 'Files | limit 1 | project Name', [['a.exe']]],
    [
      'sorts descending unless told otherwise, null last',
      'Files | sort by Size | project Size',
      [[30], [10], [null]],
    ],
    ['sorts ascending with null first', 'Files | order by Size asc | project Size', [[null], [10], [30]]],
    [
      'sorts with null where it is told',
      'Files | sort by Size asc nulls last | project Size',
      [[10], [30], [null]],
    ],
    [
      'sorts by several keys',
      `${sales} | where isnotempty(City) | sort by City asc, Amount desc | project City, Amount`,
      [
        ['Lyon', 20],
        ['Oslo', 30],
        ['Oslo', 10],
      ],
    ],
    ['sorts by code unit', "datatable(s:string)['b','a','C'] | sort by s asc", [['C'], ['a'], ['b']]],
    [
      'puts NaN beside null',
      'datatable(r:real)[1.5, real(nan), real(null), -2.0] | sort by r asc',
      [[null], ['NaN'], [-2], [1.5]],
    ],
    ['finds the top', `${sales} | top 2 by Amount | project Amount`, [[30], [20]]],
    ['finds the bottom', `${sales} | top 1 by Amount asc nulls last | project Amount`, [[10]]],
    ['lists distinct values', `${sales} | distinct City`, [['Oslo'], ['Lyon'], ['']]],
    [
      'lists distinct rows',
      "datatable(a:long, b:string)[1,'x',1,'x',1,'y'] | distinct *",
      [
        [1, 'x'],
        [1, 'y'],
      ],
    ],
    ['makes a range of numbers', 'range x from 1 to 7 step 3', [[1], [4], [7]]],
    ['makes a range backwards', 'range x from 2 to 0 step -1', [[2], [1], [0]]],
    [
      'makes a range of days',
      'range d from datetime(2026-01-01) to datetime(2026-01-02) step 1d',
      [['2026-01-01T00:00:00.0000000Z'], ['2026-01-02T00:00:00.0000000Z']],
    ],
    ['ignores how a result is drawn', 'print a = 1 | render timechart', [[1]]],
    ['serializes', 'print a = 1 | serialize', [[1]]],
    [
      'shows the schema',
      'Files | getschema',
      [
        ['Name', 0, 'System.String', 'string'],
        ['Size', 1, 'System.Int64', 'long'],
        ['Info', 2, 'System.Object', 'dynamic'],
      ],
    ],
  ])('%s', (_title, query, rows) => {
    expect(runKql(query).rows).toEqual(rows);
  });
});

// https://learn.microsoft.com/kusto/query/summarize-operator
describe('summarize', () => {
  it.each<[title: string, query: string, rows: unknown]>([
    [
      'groups in the order of appearance',
      `${sales} | summarize count() by City`,
      [
        ['Oslo', 2],
        ['Lyon', 1],
        ['', 1],
      ],
    ],
    [
      'groups by an expression',
      `${sales} | summarize count() by Long = strlen(City) > 0`,
      [
        [true, 3],
        [false, 1],
      ],
    ],
    [
      'groups by bins',
      'range x from 1 to 5 step 1 | summarize count() by bin(x, 2)',
      [
        [0, 1],
        [2, 2],
        [4, 2],
      ],
    ],
    ['groups without aggregates', `${sales} | summarize by City`, [['Oslo'], ['Lyon'], ['']]],
    [
      'groups null apart',
      'Files | summarize count() by Size',
      [
        [10, 1],
        [null, 1],
        [30, 1],
      ],
    ],
    [
      'gives one row without by',
      'Empty | summarize count(), sum(Size), max(Size), make_list(Name)',
      [[0, 0, null, []]],
    ],
    ['gives no row with by', 'Empty | summarize count() by Name', []],
    ['counts what holds', `${sales} | summarize countif(Amount > 10)`, [[2]]],
    [
      'counts distinct values without null',
      `${sales} | summarize dcount(Amount), count_distinct(City)`,
      [[3, 3]],
    ],
    ['counts distinct values of some rows', `${sales} | summarize dcountif(City, Amount > 5)`, [[2]]],
    ['sums, and ignores null', `${sales} | summarize sum(Amount), sum(Rate)`, [[60, 4.5]]],
    ['sums some rows', `${sales} | summarize sumif(Amount, City == 'Oslo')`, [[40]]],
    ['averages as a real', `${sales} | summarize avg(Amount), avgif(Amount, Amount > 10)`, [[20, 25]]],
    ['averages lengths of time', 'datatable(t:timespan)[1h, 2h] | summarize avg(t)', [['01:30:00']]],
    [
      'finds the smallest and largest',
      `${sales} | summarize min(Amount), max(Amount), min(City)`,
      [[10, 30, '']],
    ],
    [
      'finds extremes of some rows',
      `${sales} | summarize minif(Amount, Amount > 10), maxif(Amount, Amount < 30)`,
      [[20, 20]],
    ],
    ['lists values without null', `${sales} | summarize make_list(Amount)`, [[[10, 20, 30]]]],
    [
      'lists some values, and at most so many',
      `${sales} | summarize make_list_if(Amount, Amount > 10), make_list(Amount, 1)`,
      [[[20, 30], [10]]],
    ],
    ['collects a set', `${sales} | summarize make_set(City)`, [[['Oslo', 'Lyon', '']]]],
    [
      'collects a set of some rows',
      `${sales} | summarize make_set_if(City, Amount > 10)`,
      [[['Lyon', 'Oslo']]],
    ],
    [
      'collects a set from arrays',
      'datatable(a:dynamic)[dynamic([1,2]), dynamic([2,3])] | summarize make_set(a)',
      [[[1, 2, 3]]],
    ],
    [
      'merges bags',
      "datatable(b:dynamic)[dynamic({'x':1}), dynamic({'y':2})] | summarize make_bag(b)",
      [[{ x: 1, y: 2 }]],
    ],
    [
      'takes any value that is not empty',
      `${sales} | sort by Amount asc | summarize take_any(City), any(Amount)`,
      [['Oslo', 10]],
    ],
    ['takes any row', `${sales} | summarize take_any(City, Amount)`, [['Oslo', 10]]],
    ['finds the row with the largest value', `${sales} | summarize arg_max(Amount, City)`, [[30, 'Oslo']]],
    ['finds the row with the smallest value', `${sales} | summarize arg_min(Amount, *)`, [[10, 'Oslo', 0.5]]],
    [
      'finds the newest row of each group',
      `${sales} | summarize arg_max(Amount, *) by City`,
      [
        ['Oslo', 30, 2.5],
        ['Lyon', 20, 1.5],
        ['', null, null],
      ],
    ],
    [
      'finds percentiles by nearest rank',
      'range x from 1 to 10 step 1 | summarize percentile(x, 95), percentiles(x, 50, 10)',
      [[10, 5, 1]],
    ],
    [
      'computes with aggregates',
      `${sales} | summarize Mean = sum(Amount) / count(), round(avg(Rate), 1)`,
      [[15, 1.5]],
    ],
    ['computes with aggregates in a function', `${sales} | summarize array_length(make_set(City))`, [[3]]],
  ])('%s', (_title, query, rows) => {
    expect(runKql(query).rows).toEqual(rows);
  });

  it('names columns as Kusto does', () => {
    const { columns } = runKql(`${sales} | summarize count(), sum(Amount), arg_max(Rate, Amount) by City`);
    expect(columns).toEqual(['City:string', 'count_:long', 'sum_Amount:long', 'Rate:real', 'Amount:long']);
  });
});

// https://learn.microsoft.com/kusto/query/join-operator
describe('join', () => {
  it.each<[kind: string, rows: unknown]>([
    [
      'innerunique',
      [
        ['b', 2, 'b', 10],
        ['c', 4, 'c', 20],
        ['c', 4, 'c', 30],
      ],
    ],
    [
      'inner',
      [
        ['b', 2, 'b', 10],
        ['b', 3, 'b', 10],
        ['c', 4, 'c', 20],
        ['c', 4, 'c', 30],
      ],
    ],
    [
      'leftouter',
      [
        ['a', 1, '', null],
        ['b', 2, 'b', 10],
        ['b', 3, 'b', 10],
        ['c', 4, 'c', 20],
        ['c', 4, 'c', 30],
      ],
    ],
    [
      'rightouter',
      [
        ['b', 2, 'b', 10],
        ['b', 3, 'b', 10],
        ['c', 4, 'c', 20],
        ['c', 4, 'c', 30],
        ['', null, 'd', 40],
      ],
    ],
    [
      'fullouter',
      [
        ['a', 1, '', null],
        ['b', 2, 'b', 10],
        ['b', 3, 'b', 10],
        ['c', 4, 'c', 20],
        ['c', 4, 'c', 30],
        ['', null, 'd', 40],
      ],
    ],
    [
      'leftsemi',
      [
        ['b', 2],
        ['b', 3],
        ['c', 4],
      ],
    ],
    ['leftanti', [['a', 1]]],
    ['anti', [['a', 1]]],
    [
      'rightsemi',
      [
        ['b', 10],
        ['c', 20],
        ['c', 30],
      ],
    ],
    ['rightanti', [['d', 40]]],
  ])('of kind %s', (kind, rows) => {
    expect(runKql(joined(kind)).rows).toEqual(rows);
  });

  it.each<[title: string, query: string, rows: unknown]>([
    ['is innerunique by default', `${left} | join (${right}) on Key | count`, [[3]]],
    [
      'matches columns of other names',
      `${left} | join kind=inner (${right} | project K = Key, B) on $left.Key == $right.K | count`,
      [[4]],
    ],
    [
      'matches several columns',
      'datatable(a:long, b:long)[1,1,1,2] | join kind=inner (datatable(a:long, c:long)[1,2]) on a, $left.b == $right.c | project a, b',
      [[1, 2]],
    ],
    [
      'matches no null',
      'datatable(a:long)[long(null)] | join kind=inner (datatable(a:long)[long(null)]) on a',
      [],
    ],
    [
      'keeps a null key that it cannot match',
      'datatable(a:long)[long(null)] | join kind=leftanti (datatable(a:long)[long(null)]) on a',
      [[null]],
    ],
    [
      'looks up without repeating the key',
      `${left} | lookup (datatable(Key:string, Label:string)['b','B']) on Key | take 2`,
      [
        ['a', 1, ''],
        ['b', 2, 'B'],
      ],
    ],
    [
      'looks up only what is there',
      `${left} | lookup kind=inner (datatable(Key:string, Label:string)['c','C']) on Key`,
      [['c', 4, 'C']],
    ],
  ])('%s', (_title, query, rows) => {
    expect(runKql(query).rows).toEqual(rows);
  });

  it('names the columns of both sides', () => {
    expect(runKql(joined('inner')).columns).toEqual(['Key:string', 'A:long', 'Key1:string', 'B:long']);
  });
});

describe('union, mv-expand, parse and let', () => {
  it.each<[title: string, query: string, rows: unknown]>([
    [
      'union fills in what a table has not',
      'union (print a = 1), (print b = 2)',
      [
        [1, null],
        [null, 2],
      ],
    ],
    ['union after a pipe', 'print a = 1 | union (print a = 2)', [[1], [2]]],
    [
      'union keeps columns of other types apart',
      'let V = view() { print x = 1 }; let W = view() { print x = toint(2) }; union V, W',
      [
        [1, null],
        [null, 2],
      ],
    ],
    [
      'union names the sources',
      'union withsource=From Files, Empty | project From | distinct From',
      [['Files']],
    ],
    [
      'mv-expand goes through arrays',
      'print a = 1, b = dynamic([10,20]) | mv-expand b',
      [
        [1, 10],
        [1, 20],
      ],
    ],
    [
      'mv-expand goes through bags',
      "print b = dynamic({'x':1,'y':2}) | mv-expand b",
      [[{ x: 1 }], [{ y: 2 }]],
    ],
    ['mv-expand makes pairs', "print b = dynamic({'x':1}) | mv-expand kind=array b", [[['x', 1]]]],
    [
      'mv-expand keeps null and drops the empty array',
      'datatable(i:long, b:dynamic)[1, dynamic(null), 2, dynamic([])] | mv-expand b',
      [[1, null]],
    ],
    [
      'mv-expand goes through columns side by side',
      'print a = dynamic([1,2,3]), b = dynamic([4]) | mv-expand a, b',
      [
        [1, 4],
        [2, null],
        [3, null],
      ],
    ],
    [
      'mv-expand counts the elements',
      "print a = dynamic(['x','y']) | mv-expand with_itemindex=i a",
      [
        ['x', 0],
        ['y', 1],
      ],
    ],
    [
      'mv-expand casts without converting',
      "print a = dynamic([1,'2']) | mv-expand a to typeof(long)",
      [[1], [null]],
    ],
    ['mv-expand stops at the limit', 'print a = dynamic([1,2,3]) | mv-expand a limit 2', [[1], [2]]],
    ['mv-expand makes a new column', 'print a = dynamic([1,2]) | mv-expand x = a | project x', [[1], [2]]],
    [
      'parse cuts columns out',
      "print s = 'user=ada; tries=3; end' | parse s with 'user=' User '; tries=' Tries:long ';' * | project User, Tries",
      [['ada', 3]],
    ],
    ['parse skips', "print s = 'xx id=7 yy' | parse s with * 'id=' Id:long * | project Id", [[7]]],
    [
      'parse takes the rest',
      "print s = 'a:b:c' | parse s with First ':' Rest | project First, Rest",
      [['a', 'b:c']],
    ],
    [
      'parse gives nothing when one value does not fit',
      "print s = 'n=x m=y' | parse s with 'n=' N:long ' m=' M | project N, M",
      [[null, '']],
    ],
    [
      'parse kind=relaxed gives what fits',
      "print s = 'n=x m=y' | parse kind=relaxed s with 'n=' N:long ' m=' M | project N, M",
      [[null, 'y']],
    ],
    ['let names a value', 'let limit = 2; range x from 1 to 3 step 1 | where x > limit', [[3]]],
    ['let names a table', 'let few = Files | take 1; few | count', [[1]]],
    [
      'let names a function of a value',
      'let twice = (n: long) { n * 2 }; range x from 1 to 2 step 1 | extend y = twice(x)',
      [
        [1, 2],
        [2, 4],
      ],
    ],
    [
      'let functions have defaults',
      "let hello = (who: string = 'you') { strcat('hi ', who) }; print hello(), hello('me')",
      [['hi you', 'hi me']],
    ],
    [
      'let names a function of a table',
      'let big = (T: (x: long), least: long) { T | where x >= least }; big((range x from 1 to 3 step 1), 3)',
      [[3]],
    ],
    [
      'let functions have values of their own',
      'let f = (n: long) { let m = n + 1; m * 10 }; print f(1)',
      [[20]],
    ],
    [
      'toscalar takes the first value',
      'let most = toscalar(Files | summarize max(Size)); Files | where Size == most | project Size',
      [[30]],
    ],
    ['materialize changes nothing', 'let t = materialize(Files | take 1); union t, t | count', [[2]]],
  ])('%s', (_title, query, rows) => {
    expect(runKql(query).rows).toEqual(rows);
  });

  it('has one now for the whole query', () => {
    expect(runKql('print now(), now() == now()').rows).toEqual([[now, true]]);
  });
});
