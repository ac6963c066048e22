import { describe, expect, it } from 'vitest';
import { now, print } from './runKql.ts';

type Case = [expressions: string, values: unknown];

// https://learn.microsoft.com/kusto/query/datatypes-string-operators
describe('String operators', () => {
  it.each<Case>([
    ["'a' == 'A', 'a' =~ 'A', 'a' != 'A', 'a' !~ 'A'", [false, true, true, false]],
    // A term is a maximal run of letters and digits.
    [
      "'North America' has 'america', 'North America' has 'amer', 'North America' !has 'amer'",
      [true, false, true],
    ],
    ["'KustoExplorerQueryRun' has 'Explorer', 'KustoExplorerQueryRun' contains 'Explorer'", [false, true]],
    ["'a-c1db-4f' has 'c1db', 'file_name' has 'name', 'x1' has 'x'", [true, true, false]],
    [
      "'run C:\\\\Temp\\\\x.exe' has 'Temp\\\\x', 'cmd.exe' has 'cmd', 'cmd.exe' has '.exe', 'cmdx.exe' has 'cmd'",
      [true, true, true, false],
    ],
    ["'Ünal åse' has 'ünal', 'Ünalx' has 'ünal'", [true, false]],
    ["'ab' has '', '' has 'a'", [true, false]],
    [
      "'North America' has_cs 'America', 'North America' has_cs 'america', 'North America' !has_cs 'america'",
      [true, false, true],
    ],
    [
      "'North America' has_any ('south', 'north'), 'North America' has_any (dynamic(['x','merica']))",
      [true, false],
    ],
    ["'North and South' has_all ('south', 'NORTH'), 'North' has_all ('south', 'north')", [true, false]],
    [
      "'FabriKam' contains 'BRik', 'FabriKam' !contains 'xyz', 'FabriKam' contains_cs 'kam', 'FabriKam' !contains_cs 'kam'",
      [true, true, false, true],
    ],
    [
      "'Fabrikam' startswith 'fab', 'Fabrikam' !startswith 'kam', 'Fabrikam' startswith_cs 'fab', 'Fabrikam' !startswith_cs 'fab'",
      [true, true, false, true],
    ],
    [
      "'Fabrikam' endswith 'KAM', 'Fabrikam' !endswith 'fab', 'Fabrikam' endswith_cs 'KAM', 'Fabrikam' !endswith_cs 'KAM'",
      [true, true, false, true],
    ],
    [
      "'North America' hasprefix 'ame', 'North America' hasprefix 'mer', 'North America' !hasprefix 'mer', 'North America' hasprefix_cs 'ame'",
      [true, false, true, false],
    ],
    [
      "'North America' hassuffix 'ICA', 'North America' !hassuffix 'amer', 'North America' hassuffix_cs 'ICA'",
      [true, true, false],
    ],
    [
      "'Fabrikam' matches regex 'b.*k', 'Fabrikam' matches regex '^b', 'FAB' matches regex '(?i)fab'",
      [true, false, true],
    ],
    [
      "'a' in ('b', 'a'), 'A' in ('a'), 'A' in~ ('a'), 'b' !in ('a'), 'A' !in~ ('a')",
      [true, false, true, true, false],
    ],
    [
      '2 in (1, 2), 2 in (dynamic([1, 2])), 2 in ((range x from 1 to 3 step 1)), 2.0 in (2)',
      [true, true, true, true],
    ],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
describe('Null', () => {
  it.each<Case>([
    [
      '5 == int(null), int(null) == int(null), 5 != int(null), int(null) != int(null)',
      [false, null, true, null],
    ],
    ['int(null) > 3, int(null) + 1, -int(null)', [null, null, null]],
    [
      'bool(null) and false, bool(null) and true, bool(null) or true, bool(null) or false',
      [false, null, true, null],
    ],
    [
      'not(bool(null)), int(null) in (1), int(null) in (int(null)), 1 in (int(null))',
      [null, false, null, false],
    ],
    [
      "isnull(int(null)), isnotnull(1), isnull(''), isempty(''), isnotempty('x'), isempty(int(null)), isempty(dynamic([]))",
      [true, true, false, true, true, true, false],
    ],
    [
      "coalesce(int(null), 2, 3), coalesce('', 'b'), iff(bool(null), 1, 2), case(bool(null), 'a', true, 'b', 'c')",
      [2, 'b', 2, 'b'],
    ],
    ['int(null) between (1 .. 2), 5 between (1 .. int(null))', [null, null]],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/numerical-operators
describe('Numbers', () => {
  it.each<Case>([
    ['7 / 2, 7 / 2.0, -7 / 2, 1 - 3, 2 * 1.5', [3, 3.5, -3, -2, 3]],
    // The rest of a division is never negative.
    ['14 % 12, -14 % 12, 14 % -12, -14 % -12', [2, 10, 2, 10]],
    ['9007199254740993 + 0 == 9007199254740993, 1 == 1.0, 3 > 2.5', [true, true, true]],
    ['bin(4.5, 1), bin(-3, 2), bin(7, 5), bin(int(null), 1), bin(5, -1)', [4, -4, 5, null, null]],
    [
      'abs(-5), abs(-1.5), round(2.98765, 3), round(2.15), ceiling(-1.1), pow(2, 3), sqrt(9)',
      [5, 1.5, 2.988, 2, -1, 8, 3],
    ],
    ['min_of(10, 1, -3), max_of(10, int(null), 17)', [-3, 17]],
    ['5 between (1 .. 5), 0 between (1 .. 5), 0 !between (1 .. 5)', [true, false, true]],
    ['0x1F, 1e3, long(7), real(nan), int(-5)', [31, 1000, 7, 'NaN', -5]],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-functions#string-functions
describe('String functions', () => {
  it.each<Case>([
    [
      "tolower('ÄB'), toupper('äb'), strlen('⒦⒰⒮⒯⒪'), reverse('abc'), strcat('a', 1, 1h, true)",
      ['äb', 'ÄB', 5, 'cba', 'a101:00:00true'],
    ],
    [
      "substring('123456', 1), substring('123456', 2, 2), substring('123456', -2, 2), substring('ab', 5)",
      ['23456', '34', '56', ''],
    ],
    [
      "split('aa_bb', '_'), split('aaa_bbb_ccc', '_', 1), split('', '_'), split('a__b', '_')",
      [['aa', 'bb'], ['bbb'], [''], ['a', '', 'b']],
    ],
    [
      "extract('x=([0-9]+)', 1, 'a x=42 b'), extract('x=([0-9]+)', 0, 'x=42'), extract('(z)', 1, 'a')",
      ['42', 'x=42', ''],
    ],
    ["extract('([0-9]+)', 1, 'n7', typeof(long)) + 1, extract('([a-z]+)', 1, 'n7', typeof(long))", [8, null]],
    [
      "extract_all('([0-9]+)', 'a1b22'), extract_all('([a-z])([0-9])', 'a1b2')",
      [
        ['1', '22'],
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
    ],
    [
      "indexof('abcdefg', 'cde'), indexof('abcdefg', 'cde', 1, 4), indexof('abcdefg', 'cde', 1, 2), indexof('abcdefg', 'cde', -5), indexof('abcabc', 'b', 0, -1, 2)",
      [2, 2, -1, 2, 4],
    ],
    ["countof('aaaa', 'aa'), countof('ababa', 'aba', 'regex'), countof('abcabc', 'a.c', 'regex')", [3, 1, 2]],
    [
      "replace_string('a.b.c', '.', '-'), replace_regex('is 12', @'is (\\d+)', @'was: \\1')",
      ['a-b-c', 'was: 12'],
    ],
    [
      "trim('--', '--x--'), trim(@'[^\\w]+', '- te st // $'), trim_start('a', 'aab'), trim_end('b', 'abb')",
      ['x', 'te st', 'b', 'a'],
    ],
    [
      "strcat_array(dynamic([1, 2, 3]), '->'), strcat_delim('-', 1, '2', 'A', 1s), strcmp('abc', 'abd')",
      ['1->2->3', '1-2-A-00:00:01', -1],
    ],
    ["base64_encode_tostring('Kusto'), base64_decode_tostring('S3VzdG8=')", ['S3VzdG8=', 'Kusto']],
    ["hash_sha256('World')", ['78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524']],
    [
      "hash_md5(''), hash_sha1('')",
      ['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-functions#conversion-functions
describe('Conversions', () => {
  it.each<Case>([
    [
      "toint('123'), toint(2.3), toint('x'), toint('3000000000'), tolong('3000000000'), tolong(true)",
      [123, 2, null, null, 3000000000, 1],
    ],
    ["toreal('123.4'), todouble('1e2'), toreal('x')", [123.4, 100, null]],
    [
      "tobool('true'), tobool('FALSE'), tobool(123), tobool('x'), toboolean(0)",
      [true, false, true, null, false],
    ],
    [
      "tostring(123), tostring(1.5), tostring(true), tostring(int(null)), tostring(1d), tostring(dynamic({'a':[1,'x']}))",
      ['123', '1.5', 'true', '', '1.00:00:00', '{"a":[1,"x"]}'],
    ],
    [
      "todatetime('2015-12-31 23:59:59.9'), todatetime('nonsense'), todatetime('Sat, 8 Nov 14 15:05:02 GMT')",
      ['2015-12-31T23:59:59.9000000Z', null, '2014-11-08T15:05:02.0000000Z'],
    ],
    [
      "todatetime('2026-01-01T02:00:00+02:00'), todatetime('2026-02-30')",
      ['2026-01-01T00:00:00.0000000Z', null],
    ],
    [
      "totimespan('0.00:03:00'), totimespan('1.02:03:04.5'), totimespan('x')",
      ['00:03:00', '1.02:03:04.5000000', null],
    ],
    [
      "parse_json('{\"a\":[1,2.5]}').a[1], parse_json('not json'), parse_json(''), todynamic('[1]')[0]",
      [2.5, 'not json', null, 1],
    ],
    ["parse_json('9007199254740993') == 9007199254740993, parse_json('true')", [true, true]],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-functions#datetimetimespan-functions
describe('Time', () => {
  it.each<Case>([
    ['now(), ago(90m), now(1d)', [now, '2026-11-21T05:00:00.0000000Z', '2026-11-22T06:30:00.0000000Z']],
    [
      '1d, 1.5h, 10microsecond, 5tick, timespan(1.02:03:04.5), time(2), -1h',
      [
        '1.00:00:00',
        '01:30:00',
        '00:00:00.0000100',
        '00:00:00.0000005',
        '1.02:03:04.5000000',
        '2.00:00:00',
        '-01:00:00',
      ],
    ],
    [
      '1d / 5h, 1h + 30m, 1d - 1h, 2 * 1h, 1.5 * 1h, 1h / 2',
      [4.8, '01:30:00', '23:00:00', '02:00:00', '01:30:00', '00:30:00'],
    ],
    [
      'datetime(2026-01-02) - datetime(2026-01-01), datetime(2026-01-01) + 1h, 1h + datetime(2026-01-01)',
      ['1.00:00:00', '2026-01-01T01:00:00.0000000Z', '2026-01-01T01:00:00.0000000Z'],
    ],
    [
      'datetime(2026-01-02 03:04:05.1234567), datetime(2026-1-2), datetime("2026-01-02T03:04:05Z"), datetime(null)',
      ['2026-01-02T03:04:05.1234567Z', '2026-01-02T00:00:00.0000000Z', '2026-01-02T03:04:05.0000000Z', null],
    ],
    [
      'bin(datetime(1970-05-11 13:45:07), 1d), bin(16d, 7d), bin(datetime(2026-11-21 05:06), 15m)',
      ['1970-05-11T00:00:00.0000000Z', '14.00:00:00', '2026-11-21T05:00:00.0000000Z'],
    ],
    [
      'startofday(now()), endofday(now()), startofday(now(), -1)',
      ['2026-11-21T00:00:00.0000000Z', '2026-11-21T23:59:59.9999999Z', '2026-11-20T00:00:00.0000000Z'],
    ],
    // A week begins on Sunday.
    [
      'startofweek(datetime(2017-01-01 10:10:17), -1), startofweek(now()), endofweek(now())',
      ['2016-12-25T00:00:00.0000000Z', '2026-11-15T00:00:00.0000000Z', '2026-11-21T23:59:59.9999999Z'],
    ],
    [
      'startofmonth(now()), endofmonth(datetime(2024-02-10)), startofyear(now()), endofyear(now())',
      [
        '2026-11-01T00:00:00.0000000Z',
        '2024-02-29T23:59:59.9999999Z',
        '2026-01-01T00:00:00.0000000Z',
        '2026-12-31T23:59:59.9999999Z',
      ],
    ],
    [
      'dayofweek(datetime(1947-11-30 10:00:05)), dayofweek(datetime(1970-05-11)), hourofday(now()), dayofmonth(now()), monthofyear(now()), getyear(now()), dayofyear(datetime(2026-02-01))',
      ['00:00:00', '1.00:00:00', 6, 21, 11, 2026, 32],
    ],
    // Boundaries are counted, not whole periods.
    [
      "datetime_diff('year', datetime(2017-01-01), datetime(2000-12-31)), datetime_diff('quarter', datetime(2017-07-01), datetime(2017-03-30)), datetime_diff('month', datetime(2017-01-01), datetime(2015-12-30))",
      [17, 2, 13],
    ],
    [
      "datetime_diff('week', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59)), datetime_diff('day', datetime(2017-10-29 00:00), datetime(2017-09-30 23:59)), datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))",
      [5, 29, 2],
    ],
    [
      "datetime_diff('minute', datetime(2017-10-30 23:05:01), datetime(2017-10-30 23:00:59)), datetime_diff('second', datetime(2017-10-30 23:00:10.100), datetime(2017-10-30 23:00:00.900)), datetime_diff('nanosecond', datetime(2017-10-30 23:00), datetime(2017-10-30 23:00:00.0000007))",
      [5, 10, -700],
    ],
    [
      "datetime_add('month', -15, make_datetime(2017,1,1)), datetime_add('month', 1, datetime(2026-01-31)), datetime_add('week', 100, make_datetime(2017,1,1))",
      ['2015-10-01T00:00:00.0000000Z', '2026-02-28T00:00:00.0000000Z', '2018-12-02T00:00:00.0000000Z'],
    ],
    [
      "format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [HH:mm:ss]'), format_datetime(datetime(2017-01-29 13:00:05.617), 'yyyy-M-d h:mm tt fff')",
      ['17-01-29 [09:00:05]', '2017-1-29 1:00 PM 617'],
    ],
    [
      'make_datetime(2026, 2, 29), make_datetime(2026, 1, 2, 3, 4, 5.5), unixtime_seconds_todatetime(1546300800)',
      [null, '2026-01-02T03:04:05.5000000Z', '2019-01-01T00:00:00.0000000Z'],
    ],
    [
      'datetime(2026-01-02) between (datetime(2026-01-01) .. 1d), datetime(2026-01-03) between (datetime(2026-01-01) .. 1d)',
      [true, false],
    ],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-functions#dynamicarray-functions
describe('Dynamic values', () => {
  it.each<Case>([
    [
      "dynamic({'a':{'b c':[1,2]}}).a['b c'][0], dynamic([1,2,3])[-1], dynamic({'a':1}).x, parse_json('[1]')['a'], parse_json('{\"a\":1}')[0]",
      [1, 3, null, null, null],
    ],
    [
      "todatetime(dynamic({'t':datetime(2026-01-01)}).t) > datetime(2025-01-01), dynamic({'n':5}).n + 1, dynamic({'s':'Ab'}).s =~ 'aB'",
      [true, 6, true],
    ],
    [
      "array_length(dynamic([1,2,'four'])), array_length(parse_json('{\"a\":1}')), bag_keys(dynamic({'a':1,'c':{'d':2}})), bag_keys(parse_json('[1]'))",
      [3, null, ['a', 'c'], null],
    ],
    [
      "bag_has_key(dynamic({'a':1}), 'a'), bag_has_key(dynamic({'a':1}), 'b'), bag_merge(dynamic({'a':1}), dynamic({'a':2,'b':3}))",
      [true, false, { a: 1, b: 3 }],
    ],
    [
      "set_has_element(dynamic(['this','is']), 'is'), set_has_element(dynamic([1,2]), 3), set_has_element(dynamic([1,2]), 2)",
      [true, false, true],
    ],
    [
      "pack_array(1, 'a', dynamic([2])), bag_pack('Level', 'Info', 'Id', 7), pack('k', true)",
      [[1, 'a', [2]], { Level: 'Info', Id: 7 }, { k: true }],
    ],
    [
      'array_concat(dynamic([1]), dynamic([2,3])), array_slice(dynamic([1,2,3]), 1, 2), array_slice(dynamic([1,2,3]), -2, -1)',
      [
        [1, 2, 3],
        [2, 3],
        [2, 3],
      ],
    ],
    [
      'set_union(dynamic([1,2,1]), dynamic([3])), set_intersect(dynamic([1,2,3]), dynamic([3,1])), set_difference(dynamic([1,2]), dynamic([2]))',
      [[1, 2, 3], [1, 3], [1]],
    ],
    ["iff(1 > 2, 'a', 'b'), iif(true, 1, 2.5), case(1 > 2, 'a', 2 > 1, 'b', 'c')", ['b', 1, 'b']],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});

// https://learn.microsoft.com/kusto/query/scalar-functions#ipv4ipv6-functions
describe('IPv4 addresses', () => {
  it.each<Case>([
    [
      "ipv4_is_private('192.168.1.1/24'), ipv4_is_private('172.31.0.1'), ipv4_is_private('172.32.0.1'), ipv4_is_private('127.0.0.1'), ipv4_is_private('x')",
      [true, true, false, false, null],
    ],
    [
      "ipv4_is_in_range('192.168.1.7', '192.168.1.255/24'), ipv4_is_in_range('192.168.2.7', '192.168.1.0/24'), ipv4_is_in_range('1.2.3', '10.0.0.0/8')",
      [true, false, null],
    ],
    [
      "ipv4_is_in_any_range('192.168.1.6', '10.0.0.1/8', '192.168.1.1/24'), ipv4_is_in_any_range('8.8.8.8', dynamic(['10.0.0.0/8']))",
      [true, false],
    ],
    [
      "ipv4_is_match('192.168.1.1/24', '192.168.1.255'), ipv4_is_match('192.168.1.1', '192.168.1.0', 31), ipv4_compare('10.0.0.1', '10.0.0.2')",
      [true, true, -1],
    ],
    [
      "parse_ipv4('192.168.1.1'), parse_ipv4('192.168.1.1/24'), parse_ipv4('x')",
      [3232235777, 3232235776, null],
    ],
  ])('%s', (expressions, values) => {
    expect(print(expressions)).toEqual(values);
  });
});
