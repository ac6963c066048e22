import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSimulator, type TestSimulator } from './startTestSimulator.ts';

let simulator: TestSimulator;
let page: string;
beforeAll(async () => {
  simulator = await startTestSimulator();
  page = await readFile(path.resolve('docs/simulator.md'), 'utf8');
});
afterAll(() => simulator.stop());

describe('docs/simulator.md', () => {
  it('lists exactly the calls that the control surface offers', async () => {
    const { calls } = await simulator.control('GET', '/');
    const offered = (calls as { call: string }[]).map(({ call }) => call);
    const listed = [...page.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \/[^`]*)` *\| [a-z`]/gm)].map(
      ([, call]) => call,
    );
    expect(listed.toSorted()).toEqual(offered.toSorted());
  });

  it('has commands that work, in their order', async () => {
    const commands = [...page.matchAll(/^curl (?:-X (\w+) )?"\$CONTROL([^"]*)"(?: -d '([^']*)')?$/gm)];
    expect(commands).toHaveLength([...page.matchAll(/^curl /gm)].length);
    for (const [command, method = 'GET', where = '', body] of commands) {
      const { status } = await simulator.tryControl(method, where, body);
      expect([command, Math.floor(status / 100)]).toEqual([command, 2]);
    }
  });
});
