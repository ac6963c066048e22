import { describe, expect, it } from 'vitest';
import type { Schema } from '../../src/http/schema.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { AlertReader } from '../../src/reading/AlertReader.ts';
import { IncidentReader } from '../../src/reading/IncidentReader.ts';
import {
  alertApis,
  alertStatuses,
  incidentApis,
  incidentStatuses,
  severities,
} from '../../src/reading/readingApis.ts';
import { json, type Answer } from '../support/startServer.ts';
import { useServers } from '../support/useServers.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { createAccess } from './support/FakeService.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const SINCE = Date.parse('2026-11-19T08:00:00Z');
const never = new AbortController().signal;
const DEVICE = '73e7e2de709dff64ef64b1d0c30e67fab63279db';
const OTHER_DEVICE = '24c222b0b60fe148eeece49ac83910cc6a7ef491';

const startServer = useServers();

/** A service on loopback that answers so, one after the other, and what was asked of it. */
async function start(...answers: Answer[]) {
  const server = await startServer(...answers);
  const access = createAccess({ fetch }, server.url);
  const clock = new VirtualClock(NOW);
  return {
    alerts: (api: 'endpoint' | 'graph') => new AlertReader(access, api, clock),
    incidents: (api: 'graph' | 'xdr') => new IncidentReader(access, api, clock),
    asked: () => server.requests.map(({ path }) => decodeURIComponent(path)),
    filter: (index = 0) =>
      new URL(server.requests[index]?.path ?? '', server.url).searchParams.get('$filter'),
  };
}

const listOf = (...value: object[]) => json(200, { value });
const notFound = json(404, { error: { code: 'ResourceNotFound', message: 'not found' } });
const all = { since: SINCE, top: 100 };

/** The same alert as each API gives it. */
const endpointAlert = {
  id: 'da637551227677560813_-961444813',
  incidentId: 28282,
  title: 'Suspicious execution of hidden file',
  category: 'DefenseEvasion',
  severity: 'Low',
  status: 'InProgress',
  alertCreationTime: '2026-11-20T12:19:27.7211305Z',
  lastUpdateTime: '2026-11-21T02:19:01.3266667Z',
  machineId: DEVICE,
  evidence: [],
  aNewMember: { kept: true },
};
const graphAlert = {
  '@odata.type': '#microsoft.graph.security.alert',
  id: endpointAlert.id,
  incidentId: '28282',
  title: endpointAlert.title,
  category: 'DefenseEvasion',
  severity: 'low',
  status: 'inProgress',
  createdDateTime: endpointAlert.alertCreationTime,
  lastUpdateDateTime: endpointAlert.lastUpdateTime,
  evidence: [
    { '@odata.type': '#microsoft.graph.security.deviceEvidence', mdeDeviceId: DEVICE },
    { '@odata.type': '#microsoft.graph.security.fileEvidence', mdeDeviceId: DEVICE },
    { '@odata.type': '#microsoft.graph.security.userEvidence' },
  ],
};
const xdrAlert = {
  alertId: endpointAlert.id,
  incidentId: 28282,
  title: endpointAlert.title,
  category: 'DefenseEvasion',
  severity: 'Low',
  status: 'InProgress',
  creationTime: endpointAlert.alertCreationTime,
  lastUpdatedTime: endpointAlert.lastUpdateTime,
  devices: [{ mdatpDeviceId: DEVICE }, { DeviceId: OTHER_DEVICE }],
};
const alertSummary = {
  id: endpointAlert.id,
  title: endpointAlert.title,
  category: 'DefenseEvasion',
  severity: 'low',
  status: 'inProgress',
  createdDateTime: '2026-11-20T12:19:27.7211305Z',
  lastUpdateDateTime: '2026-11-21T02:19:01.3266667Z',
  incidentId: '28282',
  deviceIds: [DEVICE],
};
const graphIncident = {
  id: '28282',
  displayName: 'Multi-stage incident',
  severity: 'Medium',
  status: 'Active',
  assignedTo: null,
  redirectIncidentId: null,
  createdDateTime: '2026-11-20T12:00:00Z',
  lastUpdateDateTime: '2026-11-21T03:00:00Z',
};
const xdrIncident = {
  incidentId: 28282,
  incidentName: 'Multi-stage incident',
  severity: 'Medium',
  status: 'Active',
  assignedTo: null,
  redirectIncidentId: null,
  createdTime: '2026-11-20T12:00:00Z',
  lastUpdateTime: '2026-11-21T03:00:00Z',
  alerts: [xdrAlert],
};
const incidentSummary = {
  id: '28282',
  title: 'Multi-stage incident',
  severity: 'medium',
  status: 'active',
  assignedTo: undefined,
  redirectIncidentId: undefined,
  createdDateTime: '2026-11-20T12:00:00Z',
  lastUpdateDateTime: '2026-11-21T03:00:00Z',
};

describe('alerts', () => {
  it.each([
    ['endpoint', endpointAlert],
    ['graph', graphAlert],
  ] as const)('of %s have the same members, and the record as it came', async (api, record) => {
    const { alerts } = await start(listOf(record));
    const { value, truncated } = await alerts(api).list(all, never);
    expect(value).toEqual([{ ...alertSummary, source: api, record }]);
    expect(truncated).toBe(false);
  });

  it('keep words and members that are not known, and leave out what is not there', async () => {
    const record = { ID: 'a', Severity: 'Apocalyptic', status: null, LastUpdateTime: '2026-11-21T03:00:00Z' };
    const { alerts } = await start(listOf(record));
    const { value } = await alerts('endpoint').list(all, never);
    expect(value).toEqual([
      {
        ...{ id: 'a', severity: 'Apocalyptic', lastUpdateDateTime: '2026-11-21T03:00:00Z' },
        ...{ deviceIds: [], source: 'endpoint', record },
      },
    ]);
  });

  it.each([
    [
      'endpoint',
      "lastUpdateTime ge 2026-11-19T08:00:00Z and status eq 'InProgress' and severity eq 'UnSpecified'",
    ],
    [
      'graph',
      "lastUpdateDateTime ge 2026-11-19T08:00:00Z and status eq 'inProgress' and severity eq 'unknown'",
    ],
  ] as const)('of %s are selected in its own words, whatever the case of ours', async (api, filter) => {
    const scene = await start(listOf());
    await scene.alerts(api).list({ ...all, status: 'INPROGRESS', severity: 'Unknown' }, never);
    expect(scene.filter()).toBe(filter);
  });

  it.each(["new' or 1 eq 1 or status eq 'new", '', 'active'])(
    'are not asked for with the status "%s": nothing but known words becomes part of a filter',
    async (status) => {
      const { alerts, asked } = await start(listOf());
      const list = alerts('graph').list({ ...all, status }, never);
      await expect(list).rejects.toMatchObject({ code: 'read_filter_invalid', httpStatus: 400 });
      expect(asked()).toEqual([]);
    },
  );

  it('come at most a thousand at a time, and at least one', async () => {
    const { alerts } = await start(listOf(endpointAlert, { ...endpointAlert, id: 'da2' }));
    expect((await alerts('endpoint').list({ ...all, top: 0 }, never)).value).toHaveLength(1);
    const many = Array.from({ length: 1_001 }, (_, id) => ({ ...endpointAlert, id: `da${id}` }));
    const { alerts: others } = await start(listOf(...many), listOf());
    const answer = await others('endpoint').list({ ...all, top: 5_000 }, never);
    expect(answer).toMatchObject({ truncated: true, truncatedBy: 'top' });
    expect(answer.value).toHaveLength(1_000);
  });
});

describe('one alert', () => {
  it('is read from Defender for Endpoint with its evidence', async () => {
    const { alerts, asked } = await start(listOf(endpointAlert));
    const alert = await alerts('endpoint').get(endpointAlert.id, never);
    const view = { ...alertSummary, source: 'endpoint', record: endpointAlert };
    expect(alert).toEqual({ ...view, evidenceOmitted: false, partial: false });
    // The list: for one alert, the documentation has no `$expand`.
    expect(asked()).toEqual([`/api/alerts?$filter=id eq '${endpointAlert.id}'&$expand=evidence`]);
  });

  it('is read from Graph, which gives the evidence unasked', async () => {
    const { alerts, asked } = await start(json(206, graphAlert));
    const alert = await alerts('graph').get(graphAlert.id, never);
    const view = { ...alertSummary, source: 'graph', record: graphAlert };
    expect(alert).toEqual({ ...view, evidenceOmitted: false, partial: true });
    expect(asked()).toEqual([`/v1.0/security/alerts_v2/${graphAlert.id}`]);
  });

  it.each([
    ['refuses to give it', json(400, {}), 2],
    ['fails over it', json(500, {}), 3],
    ['does not find it by a filter', listOf(), 2],
  ])('comes without its evidence when the service %s, and says so', async (_what, failure, calls) => {
    const failures = Array.from({ length: calls - 1 }, () => failure);
    const { alerts, asked } = await start(...failures, json(200, endpointAlert));
    expect(await alerts('endpoint').get(endpointAlert.id, never)).toMatchObject({ evidenceOmitted: true });
    expect(asked()).toHaveLength(calls);
    expect(asked().at(-1)).toBe(`/api/alerts/${endpointAlert.id}`);
  });

  it.each(['endpoint', 'graph'] as const)('is a 404 when %s does not know it', async (api) => {
    const { alerts } = await start(notFound);
    const get = alerts(api).get('da1', never);
    await expect(get).rejects.toMatchObject({ code: 'alert_not_found', httpStatus: 404 });
  });

  it.each(['', '..', '../machines', 'a/b', 'a%2Fb', "a'b", 'a b', 'a?b', '.a', 'a'.repeat(200), 'ä', 'a\n'])(
    'is a 404 without asking for the id "%s", which no alert has',
    async (id) => {
      const { alerts, asked } = await start(json(200, endpointAlert));
      await expect(alerts('endpoint').get(id, never)).rejects.toMatchObject({ code: 'alert_not_found' });
      expect(asked()).toEqual([]);
    },
  );

  it('is never another one than was asked for', async () => {
    const { alerts } = await start(json(200, endpointAlert));
    const get = alerts('endpoint').get('da1', never);
    await expect(get).rejects.toMatchObject({ code: 'defender_answer_unreadable' });
  });

  it.each([
    ['a missing permission', json(403, {}), { code: 'defender_permission_missing' }],
    [
      'throttling',
      json(429, {}, { 'retry-after': '900' }),
      { code: 'read_throttled', retryAfterMs: 900_000 },
    ],
    ['a fault of the service', json(500, {}), { code: 'defender_http_error' }],
    ['something else', json(200, '[]'), { code: 'defender_answer_unreadable' }],
  ])('is not taken for unknown when the answer is %s', async (_what, answer, expected) => {
    const { alerts } = await start(answer);
    await expect(alerts('endpoint').get('da1', never)).rejects.toMatchObject(expected);
    const { alerts: others } = await start(answer);
    await expect(others('graph').get('da1', never)).rejects.toMatchObject(expected);
  });
});

describe('incidents', () => {
  it('of Graph have the same members as those of Defender XDR, but come without their alerts', async () => {
    const { incidents, asked } = await start(listOf(graphIncident));
    const { value } = await incidents('graph').list(all, never);
    expect(value).toEqual([
      {
        ...incidentSummary,
        ...{ alerts: undefined, alertsOmitted: true, deviceIds: [], source: 'graph', record: graphIncident },
      },
    ]);
    expect(asked()[0]).not.toContain('expand');
  });

  it('of Defender XDR come with their alerts and devices', async () => {
    const { incidents } = await start(listOf(xdrIncident));
    const { value } = await incidents('xdr').list(all, never);
    const deviceIds = [DEVICE, OTHER_DEVICE];
    expect(value).toEqual([
      {
        ...incidentSummary,
        alerts: [{ ...alertSummary, deviceIds }],
        ...{ alertsOmitted: false, deviceIds, source: 'xdr', record: xdrIncident },
      },
    ]);
  });

  it('are selected by severity here where Defender XDR cannot, until there are enough', async () => {
    const page = (from: number) =>
      listOf(
        ...Array.from({ length: 100 }, (_, index) => ({
          ...xdrIncident,
          incidentId: from + index,
          severity: index % 10 === 0 ? 'High' : 'Low',
          lastUpdateTime: new Date(NOW - (from + index) * 1_000).toISOString(),
        })),
      );
    const scene = await start(page(0), page(100), page(200), listOf());
    const query = { ...all, top: 25, severity: 'high', status: 'active' };
    const { value, truncated, calls } = await scene.incidents('xdr').list(query, never);
    expect(value.map(({ id }) => id)).toEqual(Array.from({ length: 25 }, (_, index) => String(index * 10)));
    expect({ truncated, calls }).toEqual({ truncated: true, calls: 4 });
    expect(scene.filter()).toBe("lastUpdateTime ge 2026-11-19T08:00:00Z and status eq 'Active'");
  });

  it('of Graph are selected by severity there', async () => {
    const scene = await start(listOf());
    await scene.incidents('graph').list({ ...all, severity: 'high' }, never);
    expect(scene.filter()).toBe("lastUpdateDateTime ge 2026-11-19T08:00:00Z and severity eq 'high'");
  });
});

describe('one incident', () => {
  it('is read from Graph with its alerts', async () => {
    const { incidents, asked } = await start(json(200, { ...graphIncident, alerts: [graphAlert] }));
    const incident = await incidents('graph').get('28282', never);
    expect(incident).toMatchObject({
      ...incidentSummary,
      ...{ alerts: [alertSummary], alertsOmitted: false, deviceIds: [DEVICE], partial: false },
    });
    expect(asked()).toEqual(['/v1.0/security/incidents/28282?$expand=alerts']);
  });

  it.each([
    ['lastingly fails over them', json(500, {}), 3],
    ['cannot give them along', json(400, {}), 2],
    ['answers with something that is no incident', json(200, '<html>'), 3],
  ])('comes without its alerts when Graph %s, and says so', async (_what, failure, calls) => {
    const failures = Array.from({ length: calls - 1 }, () => failure);
    const { incidents, asked } = await start(...failures, json(200, graphIncident));
    const incident = await incidents('graph').get('28282', never);
    expect(incident).toMatchObject({ ...incidentSummary, alertsOmitted: true, deviceIds: [] });
    expect(incident.alerts).toBeUndefined();
    expect(asked()).toHaveLength(calls);
    expect(asked().at(-1)).toBe('/v1.0/security/incidents/28282');
  });

  it('is read from Defender XDR, which gives its alerts unasked', async () => {
    const { incidents, asked } = await start(json(200, xdrIncident));
    expect(await incidents('xdr').get('28282', never)).toMatchObject({ id: '28282', alertsOmitted: false });
    expect(asked()).toEqual(['/api/incidents/28282']);
  });

  it.each([
    ['unknown', notFound],
    ['no id to the service', json(400, { error: { code: 'BadRequest' } })],
  ])('is a 404 when its id is %s', async (_what, answer) => {
    for (const api of ['graph', 'xdr'] as const) {
      const { incidents } = await start(answer);
      const get = incidents(api).get('1', never);
      await expect(get).rejects.toMatchObject({ code: 'incident_not_found', httpStatus: 404 });
    }
  });

  it.each(['', '..', '1/alerts', '1?', '1.0', ' 1', '1'.repeat(65)])(
    'is a 404 without asking for the id "%s"',
    async (id) => {
      const { incidents, asked } = await start(json(200, xdrIncident));
      await expect(incidents('xdr').get(id, never)).rejects.toMatchObject({ code: 'incident_not_found' });
      expect(asked()).toEqual([]);
    },
  );

  it('is never another one, such as the one that it was merged into', async () => {
    const { incidents } = await start(json(200, xdrIncident));
    await expect(incidents('xdr').get('1', never)).rejects.toMatchObject({
      code: 'defender_answer_unreadable',
    });
  });
});

describe('the words that can be asked for', () => {
  const offered = (name: 'listAlerts' | 'listIncidents', parameter: string) =>
    (endpoints[name].parameters.find((one) => one.name === parameter)?.schema as Schema).enum;

  it('are those that every API has a word for, in the document as well', () => {
    for (const api of Object.values(alertApis)) {
      expect(Object.keys(api.statuses)).toEqual(alertStatuses);
      expect(Object.keys(api.severities)).toEqual(severities);
    }
    for (const api of Object.values(incidentApis)) {
      expect(Object.keys(api.statuses)).toEqual(incidentStatuses);
      expect(Object.keys(api.severities)).toEqual(severities);
    }
    expect(offered('listAlerts', 'status')).toEqual(alertStatuses);
    expect(offered('listIncidents', 'status')).toEqual(incidentStatuses);
    for (const name of ['listAlerts', 'listIncidents'] as const) {
      expect(offered(name, 'severity')).toEqual(severities);
    }
  });
});
