import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { events } from '../../src/runtime/events.ts';
import { createLogger } from '../../src/runtime/Logger.ts';
import { collectLogs } from '../support/collectLogs.ts';

/** Reads `name=value` pairs as KQL's `parse-kv` does with a quote of `"` and an escape of `\`. */
function parsePairs(line: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of line.matchAll(/(?<= )(\w+)=(?:("(?:[^"\\]|\\.)*")|(\S+))/g)) {
    pairs[name] = quoted === undefined ? (bare ?? '') : (JSON.parse(quoted) as string);
  }
  return pairs;
}

describe('the logger', () => {
  it('writes one line per event: the fixed sentence, the name, then the fields in their order', () => {
    const { logger, lines } = collectLogs();
    logger.info('alert_delivered', { alertId: 'da637_-1', attempt: 2, isLast: false });
    expect(lines).toEqual([
      'info Alert delivered. event=alert_delivered alertId=da637_-1 attempt=2 isLast=false',
    ]);
  });

  it('writes each level to its own place', () => {
    const written: Record<string, string[]> = { info: [], warn: [], error: [] };
    const logger = createLogger({
      info: (line) => written.info?.push(line),
      warn: (line) => written.warn?.push(line),
      error: (line) => written.error?.push(line),
    });
    logger.info('alert_delivered');
    logger.warn('alert_delivery_failed');
    logger.error('alert_poisoned');
    expect(written).toEqual({
      info: [`${events.alert_delivered} event=alert_delivered`],
      warn: [`${events.alert_delivery_failed} event=alert_delivery_failed`],
      error: [`${events.alert_poisoned} event=alert_poisoned`],
    });
  });

  it('leaves out fields that have no value', () => {
    const { logger, lines } = collectLogs();
    logger.info('alert_pull_finished', { window: undefined, read: 0, lagSeconds: undefined, source: '' });
    expect(lines).toEqual(['info Pull finished. event=alert_pull_finished read=0 source=""']);
  });

  it.each([
    ['contoso.example', 'contoso.example'],
    ['2026-11-21T12:00:00.0000000Z/2026-11-21T13:00:00.0000000Z', undefined],
    ['invalid_client, AADSTS7000222', '"invalid_client, AADSTS7000222"'],
    ['a "quoted" word', '"a \\"quoted\\" word"'],
    ['a=b', '"a=b"'],
    ['C:\\temp', '"C:\\\\temp"'],
    ['two\nlines', '"two\\nlines"'],
    ['', '""'],
  ])('writes the value %j so that it reads as one value', (value, written) => {
    const { logger, lines } = collectLogs();
    logger.info('alert_stale', { alertId: value });
    expect(lines).toEqual([`info ${events.alert_stale} event=alert_stale alertId=${written ?? value}`]);
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\n', '\r', '"', '\\', '=', ' ', 'a', '\t', '\u001b') }),
  );

  it('lets no value end the line or forge a field, whatever it holds', () => {
    fc.assert(
      fc.property(anyText, anyText, (alertId, message) => {
        const { logger, lines } = collectLogs();
        logger.error('alert_delivery_failed', { alertId, message });
        const [line = ''] = lines;
        expect(line).not.toMatch(/[\r\n]/);
        expect(parsePairs(line)).toEqual({ event: 'alert_delivery_failed', alertId, message });
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets no character through that a terminal or a viewer takes for a command or a new line', () => {
    // C1 controls (an escape sequence may begin with U+009B), NEL, and the Unicode line and paragraph separators.
    const { logger, lines } = collectLogs();
    logger.info('alert_stale', { alertId: 'a\u001b[2J\u007f\u0085\u009b31m\u2028\u2029z' });
    expect(lines.join()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});

describe('the events', () => {
  it('are named in snake case, each with a sentence of its own', () => {
    expect(Object.keys(events).filter((name) => !/^[a-z]+(_[a-z]+)+$/.test(name))).toEqual([]);
    const sentences = Object.values(events);
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence) || sentence.includes('='))).toEqual(
      [],
    );
  });

  it('are all explained in docs/errors.md, and no other is', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    const [, section = ''] = page.split('## Events in the log');
    const explained = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(explained.sort()).toEqual(Object.keys(events).sort());
  });
});
