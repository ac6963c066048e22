import { beforeAll, describe, expect, it } from 'vitest';
import { KqlChecker } from '../../local/simulator/hunting/kql/language/KqlChecker.ts';
import { events } from '../../src/runtime/events.ts';
import { read } from './infraFiles.ts';
import { listLoggedFields } from './loggedFields.ts';

interface Rule {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly features: readonly string[];
  readonly severity: number;
  readonly frequency: string;
  readonly window: string;
  readonly query: readonly string[];
}

interface Workbook {
  readonly items: readonly { readonly name: string; readonly content: { readonly query?: string } }[];
}

const rules = JSON.parse(read('infra/modules/alertRules.json')) as readonly Rule[];
const workbook = JSON.parse(read('infra/modules/workbook.json')) as Workbook;
const queries = [
  ...rules.map(({ name, query }) => ({
    name: `alert rule ${name}`,
    query: query.join('\n').replaceAll('{lagSeconds}', '1800'),
  })),
  ...workbook.items.flatMap(({ name, content }) =>
    content.query ? [{ name: `workbook ${name}`, query: content.query }] : [],
  ),
];

// Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
const checker = new KqlChecker({
  tables: [
    {
      name: 'AppTraces',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'Message', type: 'string' },
        { name: 'SeverityLevel', type: 'int' },
        { name: 'OperationId', type: 'string' },
        { name: 'Properties', type: 'dynamic' },
      ],
    },
  ],
  notSimulated: new Set(),
});

describe('alert rules and workbook', () => {
  let logged: ReturnType<typeof listLoggedFields>;

  beforeAll(() => {
    logged = listLoggedFields();
  });

  it.each(queries)('ask what Kusto accepts: $name', ({ query }) => {
    expect(() => checker.check(query)).not.toThrow();
  });

  it.each(queries)('name only events and fields that the code logs: $name', ({ query }) => {
    const named = [...query.matchAll(/'([a-z]+(?:_[a-z]+)+)'/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(Object.keys(events)).toContain(name);
    const parsed = /parse-kv Message as \(([^)]*)\)/.exec(query)?.[1] ?? '';
    const fields = parsed.split(',').map((field) => field.split(':')[0]?.trim() ?? '');
    const known = new Set(named.flatMap((name) => [...(logged.get(name) ?? [])]));
    for (const field of fields) expect([...known], field).toContain(field);
  });

  it('find the fields of every event in the code', () => {
    // An event that nothing logs any more would make a rule that never fires.
    expect(Object.keys(events).filter((name) => !logged.has(name))).toEqual([]);
    expect([...(logged.get('alert_pull_finished') ?? [])]).toEqual(
      expect.arrayContaining(['lagSeconds', 'gaps', 'calls', 'ms']),
    );
    expect([...(logged.get('action_ended') ?? [])]).toEqual(
      expect.arrayContaining(['status', 'action', 'code']),
    );
  });

  it('tell of everything that somebody has to look at', () => {
    const told = rules.map(({ query }) => query.join('\n')).join('\n');
    const expected = [
      ...[
        'alert_pull_finished',
        'alert_pull_failed',
        'alert_gap_opened',
        'alert_gap_stuck',
        'alert_poisoned',
      ],
      ...['alert_quarantined', 'action_ended', 'action_refused', 'caller_rejected', 'request_failed'],
      'credential_expires',
    ];
    for (const event of expected) expect(told).toContain(`'${event}'`);
    expect(told).toContain('lagSeconds > {lagSeconds}');
  });

  it('look back at least as far as they look often, and have names of their own', () => {
    const minutes = (duration: string) => {
      const [, amount = '30', unit = 'M'] = /^PT?(\d+)?(?:\{\w+\})?([MHD])$/.exec(duration) ?? [];
      return Number(amount) * { M: 1, H: 60, D: 1440 }[unit as 'M' | 'H' | 'D'];
    };
    for (const { name, window, frequency } of rules) {
      expect(minutes(window), name).toBeGreaterThanOrEqual(minutes(frequency));
    }
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });

  it('shows pull, quota, actions, hunts and callers in the workbook', () => {
    const sections = workbook.items.map(({ name }) => name);
    expect(sections).toEqual(expect.arrayContaining(['pull', 'quota', 'actions', 'hunts', 'callers']));
    expect(read('infra/modules/workbook.json')).toContain('"{workspaceId}"');
  });
});
