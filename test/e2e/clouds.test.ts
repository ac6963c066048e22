import { afterEach, describe, expect, it } from 'vitest';
import { clouds } from '../../src/settings/clouds.ts';
import { Api } from './support/Api.ts';
import { System, versionsIn, versionsOf } from './support/System.ts';

let system: System;
afterEach(async () => {
  await system.stop();
});

const federated = { DEFENDER_CREDENTIAL: 'federated' };

describe.each(clouds)('a tenant in the cloud %s', (cloud) => {
  it('is pulled, hunted and read with the audiences that follow from the cloud', async () => {
    system = await System.start({ cloud });
    const functions = await system.startFunctions({ ...federated, INCIDENTS_API: 'xdr' });
    const added = await system.addAlerts({ count: 2 });
    await system.advance();
    expect(await functions.pull()).toContain('event=alert_pull_finished');
    expect(versionsOf(await system.drain())).toEqual(versionsIn(added));

    const api = new Api(system, functions.host.url);
    expect((await api.get('/api/incidents')).status).toBe(200);
    const body = { query: 'DeviceInfo | take 1' };
    expect((await api.call('POST', '/api/hunts', { as: 'hunters', body })).status).toBe(200);
  });
});

describe('the wrong cloud', () => {
  it('is named by an error that says which settings to look at, and nothing is pulled', async () => {
    system = await System.start({ cloud: 'gccHigh' });
    const functions = await system.startFunctions({ ...federated, DEFENDER_CLOUD: 'global' });
    await system.addAlerts();
    await system.advance();
    const line = await functions.pull();
    expect(line).toContain('event=alert_pull_failed');
    expect(line).toContain('code=credential_refused');
    expect(line).toMatch(/cloud|FEDERATED_AUDIENCE|AUDIENCE/);
    expect(await system.drain()).toEqual([]);
  });
});
