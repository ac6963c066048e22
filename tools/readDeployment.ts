import { spawnSync } from 'node:child_process';
import type { Environment } from '../src/settings/SettingsReader.ts';
import { UsageError } from './runCommand.ts';

/** The values that `azd` keeps of its chosen environment, the outputs of the deployment among them. */
export type ReadAzdValues = () => Environment;

/**
 * What is known of a deployment: what the environment says and, below that, what `azd env get-values` gives. The
 * outputs of infra/main.bicep have the names of the app settings that they fill.
 */
export function readDeployment(env: Environment, readAzdValues: ReadAzdValues = askAzd): Environment {
  return { ...withoutEmpty(readAzdValues()), ...withoutEmpty(env) };
}

/** An empty value is none, as in the app's own settings. */
function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
}

/** The named values. @throws UsageError that names all that are missing. */
export function requireValues<Name extends string>(
  deployment: Environment,
  ...names: readonly Name[]
): Record<Name, string> {
  const missing = names.filter((name) => !deployment[name]?.trim());
  if (missing.length > 0) {
    throw new UsageError(
      `Not known: ${missing.join(', ')}. Set them, or choose the deployment with: azd env select <name>`,
    );
  }
  const values = names.map((name) => [name, deployment[name]?.trim() ?? ''] as const);
  return Object.fromEntries(values) as Record<Name, string>;
}

/** Empty where azd is not installed, or no environment is chosen. */
function askAzd(): Environment {
  const { status, stdout } = spawnSync('azd', ['env', 'get-values', '--output', 'json', '--no-prompt'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) return {};
  try {
    return JSON.parse(stdout) as Environment;
  } catch {
    return {};
  }
}
