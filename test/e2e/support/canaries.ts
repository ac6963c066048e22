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
    // A client secret as Entra makes them, and what proves an application or a person in another form.
    /\b[\w.~-]{3}8Q~[\w.~-]{20,}/,
    /(client_assertion|assertion|refresh_token|device_code)=/,
    // The private key of a certificate, as PEM, or as the base64 of a PFX.
    /PRIVATE KEY/,
    /MII[A-Za-z0-9+/]{60,}/,
    // What a consent is recognised by.
    /[?&]state=[\w-]{20,}/,
  ]);
}

/** The lines in which one of them appears. */
export function findLeaks(lines: readonly string[], canaries: readonly (string | RegExp)[]): string[] {
  return lines.filter((line) =>
    canaries.some((canary) => (typeof canary === 'string' ? line.includes(canary) : canary.test(line))),
  );
}
