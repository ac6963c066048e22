import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from './support/Api.ts';
import { Devices } from './support/Devices.ts';
import { System, until, versionsIn, versionsOf } from './support/System.ts';

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(async () => {
  await system.stop();
});

/** A way to sign in, and what the vault must hold for it. */
const ways: readonly [name: string, settings: Record<string, string>, format?: string][] = [
  ['the system-assigned identity', { AZURE_CLIENT_ID: '' }],
  ['a user-assigned identity', {}],
  ['a federated credential', { DEFENDER_CREDENTIAL: 'federated' }],
  ['a client secret', { DEFENDER_CREDENTIAL: 'clientSecret' }],
  ['a certificate, PFX', { DEFENDER_CREDENTIAL: 'clientCertificate' }, 'pfx'],
  ['a certificate, PFX of the older form', { DEFENDER_CREDENTIAL: 'clientCertificate' }, 'legacyPfx'],
  ['a certificate, PEM', { DEFENDER_CREDENTIAL: 'clientCertificate' }, 'pem'],
];

describe.each(ways)('signed in by %s', (_name, chosen, format) => {
  it('alerts are pulled, a device is isolated, hunts run, and alerts and incidents are read', async () => {
    const { company } = system.simulator;
    if (format) {
      await system.control('PATCH', `/keyvault/certificates/${company.certificateName}`, { format });
    }
    const functions = await system.startFunctions({ ...chosen, OPERATION_POLL_INTERVAL: 'PT1S' });
    const api = new Api(system, functions.host.url);
    const added = await system.addAlerts({ count: 2 });
    await system.advance();
    expect(await functions.pull()).toContain('event=alert_pull_finished');
    expect(versionsOf(await system.drain())).toEqual(versionsIn(added));

    const devices = new Devices(system);
    const { id } = await devices.add();
    await devices.decide({ match: { machineId: id }, pendingSeconds: 0, runSeconds: 0 });
    const accepted = await api.act('isolate', id);
    expect(accepted.status).toBe(202);
    const end = await until(async () => {
      const reply = await api.get(`/api/operations/${String(accepted.body.id)}`);
      return reply.body.status === 'Succeeded' ? reply : undefined;
    });
    expect(end.body).toMatchObject({ machineAction: { status: 'Succeeded' } });
    expect(await devices.isIsolated(id)).toBe(true);

    const [alert] = added;
    const reads: readonly (readonly [string, string])[] = [
      ['GET', '/api/alerts'],
      ['GET', `/api/alerts/${alert?.id ?? ''}`],
      ['GET', '/api/incidents'],
    ];
    for (const [method, path] of reads) {
      const reply = await api.call(method, path, { as: 'playbooks' });
      expect([path, reply.status, reply.body.error]).toEqual([path, 200, undefined]);
    }
    const hunt = await api.call('POST', '/api/hunts', {
      as: 'hunters',
      body: { query: 'DeviceInfo | take 1' },
    });
    expect(hunt.status).toBe(200);
  });
});
