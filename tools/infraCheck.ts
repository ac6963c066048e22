import path from 'node:path';
import { findBicepCli, listBicepFiles } from './bicepCli.ts';
import { runCommand, UsageError } from './runCommand.ts';

// `npm run infra:check`: builds and lints every Bicep file and every file of parameters; a warning counts as an error.

await runCommand(() => {
  const cli = findBicepCli(process.env);
  if (!cli) {
    throw new UsageError(
      'There is no Bicep CLI. Install it (az bicep install), or name it in the environment variable BICEP_CLI.',
    );
  }
  const root = path.join(import.meta.dirname, '..');
  const files = listBicepFiles(root);
  const findings = files.flatMap((file) => cli.check(path.join(root, file)));
  for (const finding of findings) console.error(finding);
  console.log(`Bicep ${cli.version}: ${files.length} files, ${findings.length} findings.`);
  if (findings.length > 0) process.exitCode = 1;
  return Promise.resolve();
});
