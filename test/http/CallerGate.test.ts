import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerRoles, type Caller } from '../../src/http/Caller.ts';
import { CallerGate } from '../../src/http/CallerGate.ts';
import type { Endpoint } from '../../src/http/Endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { APP, createKey, NOW, startIssuer, type TestIssuer } from './support/testIssuer.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer(await createKey('key-1'));
});
afterAll(async () => {
  await issuer.close();
});

const gateWith = (auth: 'entra' | 'functionKey') =>
  new CallerGate({ ...issuer.settings, auth }, new VirtualClock(NOW));
const callerWith = (...roles: string[]): Caller => ({
  kind: 'application',
  id: APP,
  name: undefined,
  applicationId: APP,
  roles,
});

describe('the gate with tokens of Entra', () => {
  it('tells who calls', async () => {
    const gate = gateWith('entra');
    expect(gate.usesFunctionKeys).toBe(false);
    const { caller } = await gate.identify(await issuer.bearer(issuer.claims()));
    expect(caller).toMatchObject({ kind: 'application', id: APP, roles: ['Defender.Respond'] });
    await expect(gate.identify(null)).rejects.toMatchObject({ code: 'caller_unauthenticated' });
  });

  const matrix = Object.entries<Endpoint>(endpoints).filter(([, { roles }]) => roles.length > 0);
  it.each(matrix)('lets to %s exactly those who have one of its roles', (_name, { roles }) => {
    const gate = gateWith('entra');
    for (const role of callerRoles) {
      const admit = () => {
        gate.admit(callerWith(role), roles);
      };
      if (roles.includes(role)) expect(admit, role).not.toThrow();
      else expect(admit, role).toThrow(`lacks the app role ${roles.join(' or ')}.`);
    }
  });

  it('names the caller and the role that is missing, and takes no name that only resembles it', () => {
    const gate = gateWith('entra');
    for (const roles of [
      [],
      ['defender.respond'],
      ['Defender.Respond '],
      ['Defender'],
      ['Defender.Responder'],
    ]) {
      expect(() => {
        gate.admit(callerWith(...roles), ['Defender.Respond']);
      }).toThrow(new RegExp(`^The caller ${APP} lacks the app role Defender\\.Respond\\. Assign it`));
    }
  });
});

describe('the gate with function keys', () => {
  it('leaves it to the host who may call: whoever comes through may do everything, and is nobody in particular', async () => {
    const gate = gateWith('functionKey');
    expect(gate.usesFunctionKeys).toBe(true);
    for (const authorization of [null, 'Bearer nonsense']) {
      const { caller } = await gate.identify(authorization);
      expect(caller).toEqual({
        kind: 'functionKey',
        id: 'function-key',
        name: undefined,
        applicationId: undefined,
        roles: ['Defender.Read', 'Defender.Respond', 'Defender.Hunt', 'Defender.Admin'],
      });
      expect(() => {
        gate.admit(caller, ['Defender.Admin']);
      }).not.toThrow();
    }
    expect(issuer.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });
});
