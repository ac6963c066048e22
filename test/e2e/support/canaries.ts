import type { Simulator } from '../../../local/simulator/startSimulator.ts';

/** What must not appear in any output: secrets of this run, and anything of the form of one. */
export function collectCanaries(simulator: Simulator): Promise<(string | RegExp)[]> {
  return Promise.resolve([
    simulator.identityHeader,
    // A signed token, whole or its beginning.
    /eyJ[\w-]{10,}\.[\w-]{10,}/,
    /Bearer [\w-]{8,}/i,
    /AccountKey=/,
    /CANARY-[\w-]+/,
    /[?&]sig=/,
    /client_secret=/,
  ]);
}

/** The lines in which one of them appears. */
export function findLeaks(lines: readonly string[], canaries: readonly (string | RegExp)[]): string[] {
  return lines.filter((line) =>
    canaries.some((canary) => (typeof canary === 'string' ? line.includes(canary) : canary.test(line))),
  );
}
