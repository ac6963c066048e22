import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aggregateNames } from '../../../local/simulator/hunting/kql/aggregates/compileAggregate.ts';
import { scalarFunctions } from '../../../local/simulator/hunting/kql/functions/scalarFunctions.ts';
import { stringMatches } from '../../../local/simulator/hunting/kql/scalar/stringMatch.ts';
import { KqlError } from '../../../local/simulator/hunting/kql/KqlError.ts';
import { runKql } from './runKql.ts';

const page = await readFile(path.resolve('docs/simulator.md'), 'utf8');

/** The words in code type of a row of the table of KQL. */
function listDocumented(row: string): readonly string[] {
  const line = page.split('\n').find((one) => one.startsWith(`| ${row} `)) ?? '';
  return [...line.matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '');
}

describe('The table of KQL in docs/simulator.md', () => {
  it('lists exactly the scalar functions that are evaluated', () => {
    expect(listDocumented('functions')).toEqual(Object.keys(scalarFunctions).toSorted());
  });

  it('lists exactly the aggregates that are evaluated', () => {
    expect(listDocumented('aggregates')).toEqual([...aggregateNames].toSorted());
  });

  it('lists string operators whose forms are evaluated', () => {
    const plain = Object.keys(stringMatches).filter((name) => !name.startsWith('!') && !name.endsWith('_cs'));
    expect(listDocumented('string operators')).toEqual(expect.arrayContaining(plain));
  });

  it.each(Object.keys(scalarFunctions))('names a function that Kusto has: %s', (name) => {
    try {
      runKql(`print ${name}()`);
    } catch (error) {
      // Some arguments are missing, but the name is known.
      expect(error).toBeInstanceOf(KqlError);
      expect((error as KqlError).message).not.toContain('does not refer to any known function');
    }
  });
});
