import { baseUrl, duration, list, lowerCase, oneOf, text, wholeNumber } from '../settingTypes.ts';
import { anyText, uri } from './formats.ts';
import type { SettingDefinitions } from './SettingDefinition.ts';

/** What callers can have done, and within which limits. */
export const responseSettings = {
  OPERATION_POLL_INTERVAL: {
    type: duration('PT1S', 'PT5M'),
    default: 'PT10S',
    meaning:
      'How soon a caller should ask again, and how often at most Defender is asked about one operation. It grows with the age of the operation.',
  },
  ACTION_CAP_PER_HOUR: {
    type: wholeNumber('actions', 1, 500),
    default: '60',
    meaning: 'How many isolations, and how many releases, may begin in any hour.',
  },
  ACTION_CAP_PER_CALLER: {
    type: wholeNumber('actions', 1, 500),
    default: '40',
    meaning: 'Likewise for each caller.',
  },
  PROTECTED_DEVICE_IDS: {
    type: list(lowerCase(text('Defender device ids', /^[0-9a-f]{40}$/i))),
    default: 'none',
    meaning: 'Devices that are never isolated.',
  },
  PROTECTED_DEVICE_NAMES: {
    type: list(lowerCase(text('full DNS names', /^[^\s*]+$/))),
    default: 'none',
    meaning: 'Likewise, by exact name.',
  },
  PROTECTED_DEVICE_TAGS: {
    type: list(lowerCase(anyText)),
    default: 'none',
    meaning: 'Likewise, for devices that carry one of these tags.',
  },
  PROTECTED_DEVICE_GROUPS: {
    type: list(lowerCase(anyText)),
    default: 'none',
    meaning: 'Likewise, for devices of these device groups, by name.',
  },
  PROTECTED_DEVICE_VALUES: {
    type: list(oneOf('Low', 'Normal', 'High')),
    default: 'High',
    meaning: 'Likewise, by the value that Defender gives the device.',
  },
  PROTECTED_OS_PLATFORMS: {
    type: list(lowerCase(text('names of operating systems, which may end in *', /^[^\s*]+\*?$/))),
    default: 'WindowsServer*',
    meaning: 'Likewise, by operating system. The default keeps domain controllers connected.',
  },
  ALERTS_API: {
    type: oneOf('endpoint', 'graph'),
    default: 'endpoint',
    meaning:
      'Where `GET /api/alerts` reads: the API of Defender for Endpoint, or Microsoft Graph with the alerts of all Defender products.',
  },
  INCIDENTS_API: {
    type: oneOf('graph', 'xdr'),
    default: 'graph',
    meaning: 'Where `GET /api/incidents` reads: Microsoft Graph, or the API of Defender XDR.',
  },
  HUNTING_API: {
    type: oneOf('graph', 'endpoint', 'xdr'),
    default: 'graph',
    meaning:
      'Which API runs hunting queries: Microsoft Graph, or those of Defender for Endpoint and Defender XDR, which stop on 2027-02-01.',
  },
  GRAPH_API_URL: {
    type: baseUrl,
    defaultByCloud: 'graphUrl',
    meaning: 'The host of Microsoft Graph.',
  },
  GRAPH_API_AUDIENCE: {
    type: uri,
    defaultByCloud: 'graphAudience',
    meaning: 'The resource that the token for Graph is for.',
  },
  XDR_API_URL: {
    type: baseUrl,
    defaultByCloud: 'xdrUrl',
    meaning: 'The host of the Defender XDR API.',
  },
  XDR_API_AUDIENCE: {
    type: uri,
    defaultByCloud: 'xdrAudience',
    meaning: 'The resource that the token for Defender XDR is for.',
  },
  HUNTING_TIMEOUT: {
    type: duration('PT1S', 'PT105S'),
    default: 'PT100S',
    meaning: 'How long a hunt may take, with its one repetition. Logic Apps wait 120 seconds for an answer.',
  },
  HEALTH_MAX_PULL_AGE: {
    type: duration('PT1M', 'P7D'),
    default: 'PT30M',
    meaning: 'How old the last complete pull may be before the app calls itself degraded.',
  },
} satisfies SettingDefinitions;
