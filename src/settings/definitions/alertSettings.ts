import { duration, text, url, wholeNumber } from '../settingTypes.ts';
import type { SettingDefinitions } from './SettingDefinition.ts';

/** When and how alerts are pulled, and where they go. */
export const alertSettings = {
  ALERT_PULL_SCHEDULE: {
    type: text('six-field NCRONTAB, UTC', /^\S+( \S+){5}$/),
    meaning:
      'When the pull runs. The Functions host reads it; without it the pull never runs. What is read never depends on it.',
  },
  ALERT_PULL_BUDGET: {
    type: duration('PT5S', 'P1D'),
    default: 'PT8M',
    meaning:
      'After how long a run stops by itself and leaves the rest to the next one. Keep it at 80 % of `functionTimeout` in host.json.',
  },
  ALERT_FIRST_LOOKBACK: {
    type: duration('PT1M', 'P180D'),
    default: 'PT48H',
    meaning: 'How far back the very first run begins.',
  },
  ALERT_OVERLAP: {
    type: duration('PT0S', 'P1D'),
    default: 'PT15M',
    meaning: 'How far behind the watermark every run reads again, for alerts that appear late.',
  },
  ALERT_SWEEP_LOOKBACK: {
    type: duration('PT0S', 'P7D'),
    default: 'PT24H',
    meaning: 'How far back the sweep reads again, for alerts that appear very late.',
  },
  ALERT_SWEEP_INTERVAL: {
    type: duration('PT1M', 'P1D'),
    default: 'PT1H',
    meaning: 'How often the sweep runs.',
  },
  ALERT_PAGE_SIZE: {
    type: wholeNumber('alerts', 1, 10_000),
    default: '1000',
    meaning: 'How many alerts one call asks for.',
  },
  ALERT_QUOTA_SHARE: {
    type: wholeNumber('percent', 1, 100),
    default: '60',
    meaning:
      "The pull's share of Defender's 100 calls a minute and 1,500 an hour; the rest is left to others.",
  },
  ALERT_LEDGER_RETENTION: {
    type: duration('P2D', 'P365D'),
    default: 'P30D',
    meaning:
      'How long it is remembered which versions were handed over. Reading further back than this repeats them.',
  },
  ALERT_WEBHOOK_URL: {
    type: url,
    secret: true,
    meaning:
      'Where alerts are delivered: a Logic App request trigger or any webhook. Absent: they stay in the queue `alerts`.',
  },
  TENANT_FAN_OUT_ABOVE: {
    type: wholeNumber('tenants', 0, 10_000),
    default: '25',
    meaning:
      'Up to so many tenants the timer pulls them itself; above, it puts one message per tenant on a queue, from which Azure Functions scales out.',
  },
} satisfies SettingDefinitions;
