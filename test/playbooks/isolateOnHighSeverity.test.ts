import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { plain } from '../support/startServer.ts';
import { until } from '../e2e/support/System.ts';
import { Playbooks, timeoutStatuses } from './support/Playbooks.ts';

const HASH = '1f'.repeat(20);
const ADDRESS = '203.0.113.77';

let playbooks: Playbooks;
beforeAll(async () => {
  playbooks = await Playbooks.start('isolate-on-high-severity', (system) => system.withWebhook());
});
afterEach(async () => {
  for (const route of ['/machine-action-rules', '/faults', '/requests', '/hunting/rows', '/hunting/rules'])
    await playbooks.system.control('DELETE', route);
  playbooks.receiver.answerWith(plain(200));
  playbooks.receiver.requests.splice(0);
});
afterAll(async () => {
  await playbooks.stop();
});

interface Envelope {
  readonly messageKey: string;
  readonly tenantId: string;
  readonly change: string;
  readonly alert: Readonly<Record<string, unknown>>;
}

let count = 0;

/** An alert of High severity about a device, as `deliverAlerts` posts it. */
function createEnvelope(
  device: { id: string; name: string },
  alert: object = {},
  envelope: object = {},
): Envelope {
  count += 1;
  return {
    messageKey: count.toString(16).padStart(32, '0'),
    tenantId: playbooks.system.simulator.company.tenantId,
    change: 'created',
    alert: {
      id: `da${count}_1`,
      title: 'Suspicious "tool" started',
      severity: 'High',
      incidentId: 4711,
      machineId: device.id,
      computerDnsName: device.name,
      evidence: [
        { entityType: 'User', sha1: null, ipAddress: null, accountName: 'ada' },
        { entityType: 'Process', sha1: HASH, ipAddress: null },
        { entityType: 'Ip', sha1: null, ipAddress: ADDRESS },
      ],
      ...alert,
    },
    ...envelope,
  };
}

/** What Defender's own tables have of the device. */
async function addEvents(
  deviceId: string,
  table = 'DeviceProcessEvents',
  row: object = { SHA1: HASH },
): Promise<void> {
  await playbooks.system.control('POST', '/hunting/rows', { table, rows: [{ DeviceId: deviceId, ...row }] });
}

/** A device on which the evidence was seen. */
async function addInfected(properties: Record<string, unknown> = {}): Promise<{ id: string; name: string }> {
  const device = await playbooks.devices.add(properties);
  await addEvents(device.id);
  return device;
}

describe('isolate-on-high-severity', () => {
  it('isolates the device of an alert that was delivered, and tells how it ended', async () => {
    const device = await addInfected();
    const { system } = playbooks;
    await system.addAlerts({ ...createEnvelope(device).alert, computerDnsName: device.name });
    await system.advance(2);
    await playbooks.functions.pull();
    const delivery = await until(() => system.receiver.deliveries[0]);
    const result = await playbooks.run(delivery.body);
    expect(result.status).toBe('Succeeded');
    expect(await playbooks.devices.isIsolated(device.id)).toBe(true);
    const { alertId } = delivery.body as { alertId: string };
    expect(playbooks.takeOutcomes()).toEqual([
      {
        schemaVersion: 1,
        playbook: 'isolate-on-high-severity',
        runId: result.runId,
        endedDateTime: expect.stringMatching(/^2026-/) as string,
        result: 'isolated',
        code: null,
        alertId,
        incidentId: 4711,
        device,
        operation: expect.objectContaining({
          status: 'Succeeded',
          comment: `High alert ${alertId}: Suspicious "tool" started`,
          incidentId: '4711',
        }) as object,
        answer: null,
      },
    ]);
  });

  it('takes a parent process, a file or a connection of the evidence on the device for a confirmation', async () => {
    const seen: [string, object][] = [
      ['DeviceProcessEvents', { InitiatingProcessSHA1: HASH.toUpperCase() }],
      ['DeviceFileEvents', { SHA1: HASH }],
      ['DeviceNetworkEvents', { RemoteIP: ADDRESS }],
    ];
    const runs = seen.map(async ([table, row]) => {
      const device = await playbooks.devices.add();
      await addEvents(device.id, table, row);
      await playbooks.run(createEnvelope(device, { incidentId: null, title: null }));
      expect(await playbooks.devices.isIsolated(device.id)).toBe(true);
    });
    await Promise.all(runs);
    const told = playbooks.takeOutcomes().map(({ result, incidentId }) => ({ result, incidentId }));
    expect(told).toEqual(seen.map(() => ({ result: 'isolated', incidentId: null })));
  });

  it.each<[string, object]>([
    ['nothing of it was seen', {}],
    ['the alert has no evidence', { evidence: null }],
    [
      'the evidence has nothing to hunt for',
      { evidence: [{ entityType: 'User', sha1: null, ipAddress: '' }] },
    ],
    [
      'the evidence is written to break out of the query',
      { evidence: [{ sha1: '"]; DeviceInfo | take 1 //', ipAddress: "x') or true //\n\u2028" }] },
    ],
  ])('leaves a device alone and says so when %s', async (_name, alert) => {
    const device = await playbooks.devices.add();
    await addEvents(device.id, 'DeviceProcessEvents', { SHA1: '2e'.repeat(20) });
    const result = await playbooks.run(createEnvelope(device, alert));
    expect(result.status).toBe('Succeeded');
    expect(playbooks.takeOutcomes()).toMatchObject([
      { result: 'unconfirmed', code: 'not_seen_on_device', device },
    ]);
    expect(await playbooks.devices.posts()).toEqual([]);
  });

  it('acts in the tenant that the alert is from, and in no other', async () => {
    const device = await playbooks.devices.add();
    await addEvents(device.id);
    const envelope = createEnvelope(device, {}, { tenantId: '0aa3e1d7-5c2b-4f80-9d64-1be7c2f3a590' });
    await playbooks.run(envelope);
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'tenant_not_found' }]);
    expect(await playbooks.devices.isIsolated(device.id)).toBe(false);
  });

  it('does not take what was seen on another device for a confirmation', async () => {
    await addInfected();
    const device = await playbooks.devices.add();
    await playbooks.run(createEnvelope(device));
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'unconfirmed' }]);
  });

  it.each<[string, object, object]>([
    ['of Medium severity', { severity: 'Medium' }, {}],
    ['that was only updated', {}, { change: 'updated' }],
  ])('does nothing for an alert %s', async (_name, alert, envelope) => {
    const result = await playbooks.run(createEnvelope(await addInfected(), alert, envelope));
    expect([result.status, result.sent]).toEqual(['Cancelled', []]);
    expect(playbooks.takeOutcomes()).toEqual([]);
  });

  it('isolates once when the same alert is delivered again, also after the device was released', async () => {
    const device = await addInfected();
    const envelope = createEnvelope(device);
    await playbooks.run(envelope);
    await playbooks.system.control('PATCH', `/machines/${device.id}`, { isIsolated: false });
    await playbooks.run(envelope);
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'isolated' }, { result: 'isolated' }]);
    expect(await playbooks.devices.actionsOf(device.id)).toHaveLength(1);
    expect(await playbooks.devices.isIsolated(device.id)).toBe(false);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['protected', { deviceValue: 'High' }, 'device_protected'],
    ['not onboarded', { onboardingStatus: 'CanBeOnboarded' }, 'device_unsuitable'],
    ['merged into another one', { mergedIntoMachineId: 'ab'.repeat(20) }, 'device_merged'],
  ])('is refused a device that is %s, with the reason', async (_name, properties, code) => {
    const device = await addInfected(properties);
    const result = await playbooks.run(createEnvelope(device));
    expect([result.status, result.error?.code]).toEqual(['Failed', code]);
    const [outcome] = playbooks.takeOutcomes();
    expect(outcome).toMatchObject({ result: 'refused', code, device, answer: { error: { code } } });
    expect(await playbooks.devices.posts()).toEqual([]);
  });

  it('is refused a device that Defender does not know', async () => {
    const device = { id: '0d'.repeat(20), name: 'gone.example' };
    await addEvents(device.id);
    await playbooks.run(createEnvelope(device));
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'refused', code: 'device_not_found' }]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['failed', { outcome: 'fail', pendingSeconds: 1, runSeconds: 1 }, 'machine_action_failed'],
    ['timed out', { outcome: 'timeOut', pendingSeconds: 1 }, 'machine_action_timed_out'],
  ])('says so when the machine action %s', async (_name, rule, code) => {
    const device = await addInfected();
    await playbooks.devices.decide({ match: { machineId: device.id }, ...rule });
    const result = await playbooks.run(createEnvelope(device));
    expect([result.status, result.error?.code]).toEqual(['Failed', code]);
    expect(playbooks.takeOutcomes()).toMatchObject([
      { result: 'failed', code, answer: { operation: { status: 'Failed' } } },
    ]);
  });

  describe.each(timeoutStatuses)('when an action at its limit is %s', (timeoutStatus) => {
    it.each([
      ['Isolate', []],
      ['Isolate_again', ['Isolate']],
    ])('stops waiting in %s for a device that is offline, and says so', async (last, loseFirstAnswerOf) => {
      const device = await addInfected({ isOnline: false });
      const result = await playbooks.run(createEnvelope(device), {
        waitFor: 'PT2S',
        timeoutStatus,
        loseFirstAnswerOf,
      });
      expect(result.actions.get(last)?.status).toBe(timeoutStatus);
      expect([result.status, result.error?.code]).toEqual(['Failed', 'wait_over']);
      expect(playbooks.takeOutcomes()).toMatchObject([
        { result: 'pending', code: 'wait_over', operation: { status: 'Running', device: { id: device.id } } },
      ]);
      expect(await playbooks.devices.actionsOf(device.id)).toHaveLength(1);
    });

    it('says so when the hunt does not end', async () => {
      const apiUrl = playbooks.startEndless();
      const result = await playbooks.run(createEnvelope(await addInfected()), { apiUrl, timeoutStatus });
      expect(result.actions.get('Hunt')?.status).toBe(timeoutStatus);
      expect([result.status, result.error?.code]).toEqual(['Failed', 'ActionTimedOut']);
      expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'ActionTimedOut' }]);
    });
  });

  it('is refused when the cap of an hour is reached, at once', async () => {
    const { host } = await playbooks.system.startFunctions({ ACTION_CAP_PER_HOUR: '1' });
    await playbooks.run(createEnvelope(await addInfected()));
    const device = await addInfected();
    const result = await playbooks.run(createEnvelope(device), { apiUrl: host.url });
    await host.stop();
    expect([result.status, result.error?.code]).toEqual(['Failed', 'action_cap_reached']);
    expect(playbooks.takeOutcomes()[1]).toMatchObject({ result: 'refused', code: 'action_cap_reached' });
    expect(await playbooks.devices.actionsOf(device.id)).toEqual([]);
  });

  it.each(['Check', 'Isolate'])('isolates once when the answer to %s is lost', async (action) => {
    const device = await addInfected();
    const { actions } = await playbooks.run(createEnvelope(device), { loseFirstAnswerOf: [action] });
    expect(actions.get(action)?.status).toBe('Failed');
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'isolated' }]);
    expect(await playbooks.devices.actionsOf(device.id)).toHaveLength(1);
  });

  it('isolates nothing when the hunt fails, and says why', async () => {
    const device = await addInfected();
    await playbooks.system.control('POST', '/hunting/rules', { outcome: 'preempt' });
    const result = await playbooks.run(createEnvelope(device));
    expect([result.status, result.error?.code]).toEqual(['Failed', 'hunt_preempted']);
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'hunt_preempted' }]);
    expect(await playbooks.devices.actionsOf(device.id)).toEqual([]);
  });

  it('says so when the functions cannot be reached', async () => {
    const result = await playbooks.run(createEnvelope(await addInfected()), { apiUrl: 'http://127.0.0.1:9' });
    expect(result.status).toBe('Failed');
    expect(playbooks.takeOutcomes()).toMatchObject([
      { result: 'failed', code: 'ConnectionFailed', operation: null },
    ]);
  });

  it('says so when its identity lacks the role', async () => {
    await playbooks.run(createEnvelope(await addInfected()), { as: 'hunters' });
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'refused', code: 'caller_role_missing' }]);
  });

  it.each<[string, object]>([
    ['has no device', { machineId: undefined }],
    ['names its device wrongly', { machineId: `${'0a'.repeat(19)}0"` }],
  ])('tells of an alert that %s, and asks for nothing', async (_name, alert) => {
    const result = await playbooks.run(createEnvelope({ id: '', name: '' }, alert));
    expect([result.error?.code, result.sent.map(({ action }) => action)]).toEqual([
      'alert_unusable',
      ['Post_outcome'],
    ]);
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'alert_unusable' }]);
  });

  it('fails when the outcome cannot be posted, and does not fail when nobody is to be told', async () => {
    playbooks.receiver.answerWith(plain(400));
    const device = await addInfected();
    const untold = await playbooks.run(createEnvelope(device));
    expect([untold.status, untold.actions.get('Post_outcome')?.status]).toEqual(['Failed', 'Failed']);
    expect(await playbooks.devices.isIsolated(device.id)).toBe(true);
    playbooks.receiver.answerWith(plain(200));
    playbooks.takeOutcomes();
    const silent = await playbooks.run(createEnvelope(await addInfected()), {
      parameters: { outcomeUrl: '' },
    });
    expect(silent.status).toBe('Succeeded');
    expect(playbooks.takeOutcomes()).toEqual([]);
  });

  it('has sent nothing that the API does not describe, and has used all its HTTP actions', async () => {
    await playbooks.expectDescribedRequests(['Hunt', 'Check', 'Isolate', 'Isolate_again', 'Find_operations']);
  });
});
