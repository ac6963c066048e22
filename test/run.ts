import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

// `npm test`: formatting, lint, types and the bundle as one check each, then every vitest test. The last line counts.

const root = path.join(import.meta.dirname, '..');
const reportFile = path.join(tmpdir(), `defender-functions-tests-${process.pid}.json`);

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

/** Runs a program and shows what it prints. Each line is given to `observe` as well. */
async function run(command: readonly string[], observe?: (line: string) => void): Promise<boolean> {
  const [program = '', ...args] = command;
  const child = spawn(process.execPath, [path.join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: ['ignore', observe ? 'pipe' : 'inherit', observe ? 'pipe' : 'inherit'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream || !observe) continue;
    createInterface(stream).on('line', (line) => {
      console.log(line);
      observe(line);
    });
  }
  // Not 'close': that waits for whatever a failing test may have left running.
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

async function check(name: string, ...command: readonly string[]): Promise<Counts> {
  const startedAt = performance.now();
  const hasPassed = await run(command);
  console.log(`${hasPassed ? '✓' : '✗'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return { passed: hasPassed ? 1 : 0, failed: hasPassed ? 0 : 1, skipped: 0 };
}

/** What the tests plant where secrets belong, and what tokens look like. */
const secretForms = [/CANARY-[\w-]+/, /eyJ[\w-]{10,}\.[\w-]{10,}/, /AccountKey=[\w+/]/];

async function runTests(): Promise<Counts> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const leaks: string[] = [];
  const hasPassed = await run(
    ['vitest/vitest.mjs', 'run', ...reporters, ...process.argv.slice(2)],
    (line) => {
      if (secretForms.some((form) => form.test(line))) leaks.push(line);
    },
  );
  const leakCount = leaks.length > 0 ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
  console.log(`${leaks.length > 0 ? '✗' : '✓'} no planted secret or token in the output of the whole suite`);
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
    const failed = Math.max(report.numFailedTests, hasPassed && report.success ? 0 : 1);
    return {
      passed: report.numPassedTests + leakCount.passed,
      failed: failed + leakCount.failed,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(reportFile, { force: true });
  }
}

// Formatting and types hardly use a second core; lint does, so it runs alone.
const early = await Promise.all([
  check('formatting', 'prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  check('types', 'typescript/bin/tsc', '--noEmit'),
]);
const counts = [
  ...early,
  await check('lint', 'eslint/bin/eslint.js', '.'),
  await check('bundle', '../local/build.ts'),
  await runTests(),
];
const sum = (name: keyof Counts) => counts.reduce((total, count) => total + count[name], 0);
const skipped = sum('skipped');
process.exitCode = sum('failed') > 0 ? 1 : 0;
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
