import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { json, plain } from '../support/startServer.ts';
import { Playbooks, timeoutStatuses } from './support/Playbooks.ts';

let playbooks: Playbooks;
beforeAll(async () => {
  playbooks = await Playbooks.start('release-after-approval');
});
afterEach(async () => {
  for (const route of ['/machine-action-rules', '/faults', '/requests'])
    await playbooks.system.control('DELETE', route);
  playbooks.receiver.answerWith(json(200, {}));
  playbooks.receiver.requests.splice(0);
});
afterAll(async () => {
  await playbooks.stop();
});

interface Question {
  readonly callbackUrl: string;
}

/** Whoever is asked for approval answers with this at once; the playbook asks and tells at the same server. */
function decide(decision: unknown, meanwhile: () => Promise<unknown> = () => Promise.resolve()): void {
  playbooks.receiver.answerWith(async (response, { path, body }) => {
    const isQuestion = path.startsWith('/approvals');
    if (isQuestion) await meanwhile();
    response.writeHead(200).end();
    if (!isQuestion) return;
    const { callbackUrl } = JSON.parse(body.toString('utf8')) as Question;
    void fetch(callbackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(decision),
    });
  });
}

const approval = { decision: 'approve', approver: 'ada@harbourlane.example' };

async function addIsolated(properties: Record<string, unknown> = {}): Promise<{ id: string; name: string }> {
  return await playbooks.devices.add({ isIsolated: true, ...properties });
}

const request = (device: string) => ({ device, reason: 'Cleaned', requestedBy: 'bo@harbourlane.example' });

describe('release-after-approval', () => {
  it('asks, releases the device once it is approved, and tells who approved it', async () => {
    const device = await addIsolated();
    decide(approval);
    const result = await playbooks.run(request(device.name));
    expect([result.status, result.response?.statusCode]).toEqual(['Succeeded', 202]);
    expect(result.response?.body).toEqual({ runId: result.runId });
    expect(await playbooks.devices.isIsolated(device.id)).toBe(false);
    expect(playbooks.takeQuestions()).toEqual([
      {
        schemaVersion: 1,
        playbook: 'release-after-approval',
        runId: result.runId,
        // What was looked up, so that nobody approves one device and another one is released.
        device: expect.objectContaining(device) as object,
        reason: 'Cleaned',
        requestedBy: 'bo@harbourlane.example',
        expiresAfter: 'PT8H',
        callbackUrl: expect.stringMatching(/^http/) as string,
      },
    ]);
    expect(playbooks.takeOutcomes()).toMatchObject([
      {
        playbook: 'release-after-approval',
        runId: result.runId,
        result: 'released',
        device: { id: device.id, name: device.name },
        reason: 'Cleaned',
        requestedBy: 'bo@harbourlane.example',
        approver: approval.approver,
        operation: { status: 'Succeeded', comment: 'Cleaned (approved by ada@harbourlane.example)' },
      },
    ]);
  });

  it('releases the device that was approved, also when its name fits another one by then', async () => {
    const device = await addIsolated();
    decide(approval, () => addIsolated({ computerDnsName: device.name }));
    await playbooks.run(request(device.name));
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'released', device: { id: device.id } }]);
    expect(await playbooks.devices.isIsolated(device.id)).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ['it was rejected', { decision: 'reject', approver: 'ada' }, 'approval_rejected'],
    ['the decision names nobody', { decision: 'approve', approver: ' ' }, 'decision_unreadable'],
    ['the decision is another word', { decision: 'Approved', approver: 'ada' }, 'decision_unreadable'],
    ['the decision is no object', 'approve', 'decision_unreadable'],
  ])('releases nothing when %s', async (_name, decision, code) => {
    const device = await addIsolated();
    decide(decision);
    const result = await playbooks.run(request(device.id));
    expect(result.status).toBe('Succeeded');
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'refused', code, device: { id: device.id } }]);
    expect(await playbooks.devices.actionsOf(device.id)).toEqual([]);
  });

  describe.each(timeoutStatuses)('when an action at its limit is %s', (timeoutStatus) => {
    it('releases nothing when nobody decides in time', async () => {
      const device = await addIsolated();
      const result = await playbooks.run(request(device.id), { factor: 0.01, timeoutStatus });
      expect(result.actions.get('Ask_for_approval')?.status).toBe(timeoutStatus);
      expect(result.status).toBe('Succeeded');
      expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'refused', code: 'approval_timed_out' }]);
      expect(await playbooks.devices.isIsolated(device.id)).toBe(true);
    });

    it.each([
      ['Release_device', []],
      ['Release_device_again', ['Release_device']],
    ])('stops waiting in %s for a device that is offline, and says so', async (last, loseFirstAnswerOf) => {
      const device = await addIsolated({ isOnline: false });
      decide(approval);
      const result = await playbooks.run(request(device.id), {
        waitFor: 'PT2S',
        timeoutStatus,
        loseFirstAnswerOf,
      });
      expect(result.actions.get(last)?.status).toBe(timeoutStatus);
      expect(playbooks.takeOutcomes()).toMatchObject([
        { result: 'pending', code: 'wait_over', operation: { action: 'release', device: { id: device.id } } },
      ]);
    });

    it('asks nobody when the check does not end', async () => {
      const apiUrl = playbooks.startEndless();
      const result = await playbooks.run(request('ws-4.example'), { apiUrl, timeoutStatus });
      expect(result.actions.get('Check')?.status).toBe(timeoutStatus);
      expect(playbooks.takeQuestions()).toEqual([]);
      expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'ActionTimedOut' }]);
    });
  });

  it('says so when nobody can be asked', async () => {
    const device = await addIsolated();
    playbooks.receiver.answerWith((response, { path }) => {
      response.writeHead(path.startsWith('/approvals') ? 400 : 200).end();
    });
    const result = await playbooks.run(request(device.id));
    expect([result.status, result.error?.code]).toEqual(['Failed', 'approval_not_asked']);
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'failed', code: 'approval_not_asked' }]);
    expect(await playbooks.devices.isIsolated(device.id)).toBe(true);
  });

  it('asks nobody about a name that fits several devices, and tells which', async () => {
    const first = await addIsolated();
    const second = await addIsolated({ computerDnsName: first.name });
    const result = await playbooks.run(request(first.name));
    expect(result.sent.map(({ action }) => action)).toEqual(['Check', 'Post_outcome']);
    const [outcome] = playbooks.takeOutcomes();
    expect(outcome).toMatchObject({ result: 'refused', code: 'device_ambiguous', device: { id: null } });
    const { candidates } = outcome?.answer as { candidates: { id: string }[] };
    expect(candidates.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
  });

  it.each<[string, object, object]>([
    ['no device has the name', {}, { result: 'refused', code: 'device_not_found' }],
    ['its identity lacks the role', { as: 'hunters' }, { result: 'refused', code: 'caller_role_missing' }],
    [
      'the functions cannot be reached',
      { apiUrl: 'http://127.0.0.1:9' },
      { result: 'failed', code: 'ConnectionFailed' },
    ],
  ])('asks nobody when %s', async (_name, options, outcome) => {
    await playbooks.run(request('nobody.corp.harbourlane.example'), options);
    expect(playbooks.takeQuestions()).toEqual([]);
    expect(playbooks.takeOutcomes()).toMatchObject([outcome]);
  });

  it('says so when the machine action failed', async () => {
    const device = await addIsolated();
    await playbooks.devices.decide({
      match: { machineId: device.id },
      outcome: 'fail',
      pendingSeconds: 1,
      runSeconds: 1,
    });
    decide(approval);
    const result = await playbooks.run(request(device.id));
    expect([result.status, result.error?.code]).toEqual(['Failed', 'machine_action_failed']);
    expect(playbooks.takeOutcomes()).toMatchObject([
      { result: 'failed', code: 'machine_action_failed', approver: approval.approver },
    ]);
  });

  it('releases once when the answer to the release is lost', async () => {
    const device = await addIsolated();
    decide(approval);
    await playbooks.run(request(device.id), { loseFirstAnswerOf: ['Release_device'] });
    expect(playbooks.takeOutcomes()).toMatchObject([{ result: 'released' }]);
    expect(await playbooks.devices.actionsOf(device.id)).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['no reason', { device: 'a.example' }],
    ['a device that could leave the path', { device: '../hunts', reason: 'Cleaned' }],
    ['no object', 'a.example'],
  ])('refuses a request with %s', async (_name, body) => {
    const { response, status, sent } = await playbooks.run(body);
    expect([response?.statusCode, status, sent]).toEqual([400, 'Failed', []]);
  });

  it('tells nobody when no receiver is given', async () => {
    const device = await addIsolated();
    decide(approval);
    const { status } = await playbooks.run(request(device.id), { parameters: { outcomeUrl: '' } });
    expect([status, playbooks.takeOutcomes()]).toEqual(['Succeeded', []]);
  });

  it('fails when the outcome cannot be posted', async () => {
    playbooks.receiver.answerWith(plain(400));
    const { status, actions } = await playbooks.run(request('nobody.corp.harbourlane.example'));
    expect([status, actions.get('Post_outcome')?.status]).toEqual(['Failed', 'Failed']);
  });

  it('has sent nothing that the API does not describe, and has used all its HTTP actions', async () => {
    await playbooks.expectDescribedRequests([
      'Check',
      'Release_device',
      'Release_device_again',
      'Find_operations',
    ]);
  });
});
