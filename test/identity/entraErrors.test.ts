import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CredentialRefused } from '../../src/identity/CredentialRefused.ts';
import { entraErrors, unknownEntraError } from '../../src/identity/entraErrors.ts';
import { settingDefinitions } from '../../src/settings/definitions.ts';
import { formatEntraErrors } from '../../tools/entraErrorTable.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const all = [...Object.entries(entraErrors), ['', unknownEntraError] as const];

describe("Entra's numbered errors", () => {
  it('are the whole list that operators are told of', () => {
    expect(page).toContain(formatEntraErrors());
  });

  /** What users of such integrations meet most. */
  it.each(
    [
      [7000215, 7000222, 700016, 90002, 65001, 500011, 700027, 70021, 700213, 7000112, 70011],
      [50194, 650052, 650057, 90038, 53003, 50196, 50076, 50079, 7000218, 7000229, 700003, 500133, 50013],
    ].flat(),
  )('include %i', (number) => {
    expect(entraErrors[String(number)]).toBeDefined();
  });

  it.each(all)('%s says in plain words what it means, and what to do', (_number, { meaning, advice }) => {
    expect(meaning).toMatch(/^[a-zA-Z].*[\w)]$/);
    expect(advice).toMatch(/^[a-z].*[\w)]$/);
    // A verb first: nobody is left with a mere description.
    expect(advice).not.toMatch(/^(the|a|an|it|this|you) /);
  });

  it('name settings that exist', () => {
    const names = all.flatMap(([, { advice }]) => advice.match(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g) ?? []);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(Object.keys(settingDefinitions)).toContain(name);
  });

  it('become whole sentences in the error that carries them', () => {
    for (const [number] of all) {
      const error = new CredentialRefused({
        subject: 'x',
        error: 'invalid_client',
        number,
        cause: undefined,
      });
      expect(error.message).toMatch(
        /^Get a token for x: Entra refused \(.*\): .*; .*\. Correlation id .*\.$/,
      );
      expect(error.retryable).toBe(entraErrors[number]?.retryable ?? false);
    }
  });
});
