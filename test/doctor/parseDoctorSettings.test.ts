import { describe, expect, it } from 'vitest';
import { parseDoctorSettings } from '../../src/doctor/parseDoctorSettings.ts';
import { reportOnSettings } from '../../src/doctor/reportOnSettings.ts';
import { SettingsError } from '../../src/settings/SettingsError.ts';

const valid = {
  DEFENDER_TENANT_ID: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  PUBLIC_BASE_URL: 'https://contoso.example',
  CALLER_AUDIENCE: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
};

describe('the settings that the doctor reads', () => {
  it('say what is switched on', () => {
    expect(parseDoctorSettings(valid)).toMatchObject({
      faults: [],
      huntingApi: 'graph',
      features: new Set([
        'actOnDevices',
        'huntWithGraph',
        'readAlertsFromEndpoint',
        'readIncidentsFromGraph',
      ]),
    });
  });

  it('leave an action on while one of its functions is', () => {
    const some = {
      'AzureWebJobs.isolateDevice.Disabled': 'true',
      'AzureWebJobs.releaseDevice.Disabled': 'true',
    };
    const all = { ...some, 'AzureWebJobs.findDevices.Disabled': 'TRUE' };
    expect(parseDoctorSettings({ ...valid, ...some })).toMatchObject({
      features: expect.toSatisfy((features: Set<string>) => features.has('actOnDevices')) as unknown,
    });
    expect(parseDoctorSettings({ ...valid, ...all })).toMatchObject({
      features: expect.toSatisfy((features: Set<string>) => !features.has('actOnDevices')) as unknown,
    });
  });

  it('may be wrong where nothing depends on it: every fault is told once', () => {
    const known = parseDoctorSettings({
      ...valid,
      HUNTING_API: 'siem',
      CALLER_AUDIENCE: '',
      ALERT_PAGE_SIZE: '0',
    });
    expect(known).toMatchObject({
      onBehalfOf: undefined,
      huntingApi: undefined,
      faults: [
        expect.stringContaining('ALERT_PAGE_SIZE'),
        expect.stringContaining('CALLER_AUDIENCE'),
        expect.stringContaining('HUNTING_API'),
      ],
    });
  });

  it('are all faults together when they do not even say whom to ask', () => {
    const error = parseDoctorSettings({
      DEFENDER_CREDENTIAL: 'clientSecret',
      ALERT_PAGE_SIZE: '0',
      ALERT_WEBHOOK_URL: 'CANARY',
    });
    expect(error).toBeInstanceOf(SettingsError);
    const { faults } = error as SettingsError;
    for (const name of [
      'DEFENDER_TENANT_ID',
      'DEFENDER_CLIENT_ID',
      'KEY_VAULT_URL',
      'ALERT_PAGE_SIZE',
      'AzureWebJobsStorage',
    ]) {
      expect(faults.filter((fault) => fault.includes(name))).toHaveLength(1);
    }
    const report = reportOnSettings(error as SettingsError);
    expect(report).toMatchObject({ isReady: false, tokens: [], calls: [] });
    expect(report.findings.at(-1)).toMatchObject({ status: 'skipped' });
    expect(JSON.stringify(report)).not.toContain('CANARY');
  });
});
