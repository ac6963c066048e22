import { parseArgs } from 'node:util';
import { clouds, type Cloud } from './entra/clouds.ts';
import type { SimulatorOptions, SimulatorPorts } from './startSimulator.ts';
import { StartError } from './StartError.ts';

/** How to call the program. */
export const usage =
  'node local/simulator/main.ts [--data folder] [--ports entra=4431,identity=4432,keyVault=4433,defender=4434,control=4435,graph=4437] ' +
  '[--seed number] [--history alerts] [--arrivals seconds] [--cloud global|gcc|gccHigh|dod]';

/** Reads the command line; throws `StartError`. */
export function parseArguments(args: readonly string[]): SimulatorOptions {
  const { values } = parseFlags(args);
  return {
    dataFolder: values.data ?? '.local/simulator',
    ...(values.ports === undefined ? {} : { ports: parsePorts(values.ports) }),
    ...(values.seed === undefined ? {} : { seed: parseNumber('seed', values.seed) }),
    ...(values.history === undefined ? {} : { history: parseNumber('history', values.history) }),
    ...(values.arrivals === undefined
      ? {}
      : { arrivalMeanSeconds: parsePositive('arrivals', values.arrivals) }),
    ...(values.cloud === undefined ? {} : { cloud: parseCloud(values.cloud) }),
  };
}

function parseFlags(args: readonly string[]): { values: Partial<Record<string, string>> } {
  const flag = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { data: flag, ports: flag, seed: flag, history: flag, arrivals: flag, cloud: flag },
    });
  } catch (error) {
    throw new StartError(`${error instanceof Error ? error.message : String(error)} Usage: ${usage}`, {
      cause: error,
    });
  }
}

function parseNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new StartError(`--${name} must be a whole number, not '${text}'.`);
  return Number(text);
}

function parsePositive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new StartError(`--${name} must be a number of seconds above 0, not '${text}'.`);
  return value;
}

function parseCloud(text: string): Cloud {
  const cloud = clouds.find((one) => one === text);
  if (cloud === undefined) throw new StartError(`--cloud knows ${clouds.join(', ')}, not '${text}'.`);
  return cloud;
}

const portNames = ['entra', 'identity', 'keyVault', 'defender', 'control', 'graph'];

function parsePorts(text: string): SimulatorPorts {
  const entries = text.split(',').map((part) => {
    const [name = '', port = ''] = part.split('=');
    if (!portNames.includes(name))
      throw new StartError(`--ports knows ${portNames.join(', ')}, not '${name}'.`);
    const number = parseNumber(`ports ${name}`, port);
    if (number > 65_535) throw new StartError(`--ports ${name} must be at most 65535, not ${port}.`);
    return [name, number];
  });
  return Object.fromEntries(entries) as SimulatorPorts;
}
