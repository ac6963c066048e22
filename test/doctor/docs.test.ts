import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { steps } from '../../src/doctor/Finding.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/doctor.md');

describe('docs/doctor.md', () => {
  it('explains every step, in its order', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| .*\|$/gm)].map(([, name = '']) => name);
    expect(rows.filter((name) => steps.some((step) => step === name))).toEqual([...steps]);
  });

  it('explains every code of a finding that is no error of the app', () => {
    const known = read('docs/errors.md');
    const sources = readdirSync(path.join(root, 'src', 'doctor')).map((file) => read(`src/doctor/${file}`));
    const codes = sources.flatMap((source) =>
      [...source.matchAll(/\bcode(?:: |\s=\s| ===? .*\? )'(\w+)'/g)].map(([, code = '']) => code),
    );
    expect(new Set(codes).size).toBeGreaterThan(8);
    for (const code of codes) expect(`${page}${known}`).toContain(`\`${code}\``);
    const listed = [...page.matchAll(/^\| `(\w+_\w+)` +\|/gm)].map(([, code = '']) => code);
    for (const code of listed) expect(codes).toContain(code);
  });
});
