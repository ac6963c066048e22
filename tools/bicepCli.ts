import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';

/** The Bicep CLI, as it can be called here. */
export interface BicepCli {
  readonly version: string;
  /** What the compiler and its linter say about a file, a line each; nothing when all is well. */
  check(file: string): readonly string[];
}

/** Every file of infra/ that the compiler reads, from `root` on. */
export function listBicepFiles(root: string): readonly string[] {
  const files = globSync('infra/**/*.{bicep,bicepparam}', { cwd: root });
  return files.map((file) => file.split(path.sep).join('/')).sort();
}

/**
 * The CLI that `BICEP_CLI` names, that of the PATH, or that of `az bicep`; undefined when there is none.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-cli
 */
export function findBicepCli(env: Readonly<Record<string, string | undefined>>): BicepCli | undefined {
  const own = env.BICEP_CLI?.trim();
  const candidates = own ? [[own]] : [['bicep'], ['az', 'bicep']];
  for (const command of candidates) {
    const isAz = command.length > 1;
    const { status, output } = run([...command, isAz ? 'version' : '--version']);
    const version = /\d+\.\d+\.\d+/.exec(output)?.[0];
    if (status === 0 && version) return { version, check: (file) => check(command, isAz, file) };
  }
  return undefined;
}

/** Compiles and lints; the compiler itself lets warnings pass. */
function check(command: readonly string[], isAz: boolean, file: string): readonly string[] {
  const target = isAz ? ['--file', file] : [file];
  const build = file.endsWith('.bicepparam') ? 'build-params' : 'build';
  const results = [run([...command, build, ...target, '--stdout']), run([...command, 'lint', ...target])];
  const said = results.flatMap(({ errors }) =>
    errors.split('\n').filter((line) => /\b(Error|Warning)\b/.test(line)),
  );
  const isFailed = results.some(({ status }) => status !== 0);
  const other = results.map(({ errors }) => errors.trim()).join('\n');
  return [...new Set(said.length > 0 || !isFailed ? said : [`${file}: ${other || 'the CLI failed'}`])];
}

function run([program = '', ...args]: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    // `az` is a script there, which only a shell can start.
    shell: process.platform === 'win32',
  });
  // With `lint`, findings go to standard output as well in some releases; a compiled template never looks like one.
  const findings = args.includes('--stdout') ? [] : [stdout];
  return { status, output: stdout, errors: [stderr, ...findings].join('\n') };
}
