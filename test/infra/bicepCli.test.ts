import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBicepCli, listBicepFiles } from '../../tools/bicepCli.ts';
import { root } from './infraFiles.ts';

const cli = findBicepCli(process.env);

describe('the Bicep CLI', () => {
  it.skipIf(cli === undefined)(
    'has nothing to say about any file (skipped without a CLI: az bicep install, or set BICEP_CLI)',
    () => {
      const findings = listBicepFiles(root).flatMap((file) => cli?.check(path.join(root, file)) ?? []);
      expect(findings).toEqual([]);
    },
    600_000,
  );
});

// A shell script stands in for the compiler, which Windows would not start.
describe.skipIf(process.platform === 'win32')('npm run infra:check', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bicep-cli-'));

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes a warning of the compiler for an error, although the compiler itself does not', () => {
    const program = path.join(folder, 'bicep');
    const said = 'main.bicep(3,7) : Warning no-unused-params: Parameter is declared but never used.';
    writeFileSync(
      program,
      `#!/bin/sh\nif [ "$1" = --version ]; then echo 'Bicep CLI version 0.46.0'; else echo '${said}' >&2; fi\n`,
    );
    chmodSync(program, 0o755);
    const found = findBicepCli({ BICEP_CLI: program });
    expect(found?.version).toBe('0.46.0');
    expect(found?.check('main.bicep')).toEqual([said]);
  });

  it('does without a CLI that is not there', () => {
    expect(findBicepCli({ BICEP_CLI: path.join(folder, 'nothing') })).toBeUndefined();
  });
});
