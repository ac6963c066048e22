// Written by `npm run docs` from src/settings/definitions.ts.

@export()
@description('The settings of the app that a deployment may give; what it does not give takes the default of the app.')
type TunableSettings = {
  @description('Optional. The host that serves the Defender for Endpoint API. Unit: https URL. Default: by the cloud.')
  DEFENDER_API_URL: string?

  @description('Optional. The resource that the token is for. It differs from the host on purpose: docs/decisions/2026-11-host-and-audience.md. Unit: URI. Default: by the cloud.')
  DEFENDER_API_AUDIENCE: string?

  @description('Optional. How long Defender may take to begin an answer, and to send the next piece of it. Unit: ISO 8601 duration, PT1S to PT3M. Default: PT60S.')
  DEFENDER_REQUEST_TIMEOUT: string?

  @description('Optional. After how long a run stops by itself and leaves the rest to the next one. Keep it at 80 % of `functionTimeout` in host.json. Unit: ISO 8601 duration, PT5S to P1D. Default: PT8M.')
  ALERT_PULL_BUDGET: string?

  @description('Optional. How far back the very first run begins. Unit: ISO 8601 duration, PT1M to P180D. Default: PT48H.')
  ALERT_FIRST_LOOKBACK: string?

  @description('Optional. How far behind the watermark every run reads again, for alerts that appear late. Unit: ISO 8601 duration, PT0S to P1D. Default: PT15M.')
  ALERT_OVERLAP: string?

  @description('Optional. How far back the sweep reads again, for alerts that appear very late. Unit: ISO 8601 duration, PT0S to P7D. Default: PT24H.')
  ALERT_SWEEP_LOOKBACK: string?

  @description('Optional. How often the sweep runs. Unit: ISO 8601 duration, PT1M to P1D. Default: PT1H.')
  ALERT_SWEEP_INTERVAL: string?

  @description('Optional. How many alerts one call asks for. Unit: alerts, 1 to 10000. Default: 1000.')
  ALERT_PAGE_SIZE: string?

  @description('Optional. The pull\'s share of Defender\'s 100 calls a minute and 1,500 an hour; the rest is left to others. Unit: percent, 1 to 100. Default: 60.')
  ALERT_QUOTA_SHARE: string?

  @description('Optional. How long it is remembered which versions were handed over. Reading further back than this repeats them. Unit: ISO 8601 duration, P2D to P365D. Default: P30D.')
  ALERT_LEDGER_RETENTION: string?

  @description('Optional. Up to so many tenants the timer pulls them itself; above, it puts one message per tenant on a queue, from which Azure Functions scales out. Unit: tenants, 0 to 10000. Default: 25.')
  TENANT_FAN_OUT_ABOVE: string?

  @description('Optional. Where callers reach this app, for the URLs in its answers. Absent: `https://` and `WEBSITE_HOSTNAME`, which Azure sets. Unit: https URL. No default.')
  PUBLIC_BASE_URL: string?

  @description('Optional. Limits callers to tenants: `<caller>=<tenant>`, once for each tenant that the caller may use. The caller is the client id of an application or the object id of a person. Absent: no such limit. Unit: list of caller=tenant pairs of GUIDs, or none. No default.')
  CALLER_TENANTS: string?

  @description('Optional. What only people may ask for, on whose behalf Defender is called then; applications are refused. Unit: list of isolate, release, hunt, read, or none. Default: none.')
  PERSON_REQUIRED_FOR: string?

  @description('Optional. How soon a caller should ask again, and how often at most Defender is asked about one operation. It grows with the age of the operation. Unit: ISO 8601 duration, PT1S to PT5M. Default: PT10S.')
  OPERATION_POLL_INTERVAL: string?

  @description('Optional. How many isolations, and how many releases, may begin in any hour. Unit: actions, 1 to 500. Default: 60.')
  ACTION_CAP_PER_HOUR: string?

  @description('Optional. Likewise for each caller. Unit: actions, 1 to 500. Default: 40.')
  ACTION_CAP_PER_CALLER: string?

  @description('Optional. Devices that are never isolated. Unit: list of Defender device ids, or none. Default: none.')
  PROTECTED_DEVICE_IDS: string?

  @description('Optional. Likewise, by exact name. Unit: list of full DNS names, or none. Default: none.')
  PROTECTED_DEVICE_NAMES: string?

  @description('Optional. Likewise, for devices that carry one of these tags. Unit: list of text, or none. Default: none.')
  PROTECTED_DEVICE_TAGS: string?

  @description('Optional. Likewise, for devices of these device groups, by name. Unit: list of text, or none. Default: none.')
  PROTECTED_DEVICE_GROUPS: string?

  @description('Optional. Likewise, by the value that Defender gives the device. Unit: list of Low, Normal, High, or none. Default: High.')
  PROTECTED_DEVICE_VALUES: string?

  @description('Optional. Likewise, by operating system. The default keeps domain controllers connected. Unit: list of names of operating systems, which may end in *, or none. Default: WindowsServer*.')
  PROTECTED_OS_PLATFORMS: string?

  @description('Optional. The host of Microsoft Graph. Unit: https URL. Default: by the cloud.')
  GRAPH_API_URL: string?

  @description('Optional. The resource that the token for Graph is for. Unit: URI. Default: by the cloud.')
  GRAPH_API_AUDIENCE: string?

  @description('Optional. The host of the Defender XDR API. Unit: https URL. Default: by the cloud.')
  XDR_API_URL: string?

  @description('Optional. The resource that the token for Defender XDR is for. Unit: URI. Default: by the cloud.')
  XDR_API_AUDIENCE: string?

  @description('Optional. How long a hunt may take, with its one repetition. Logic Apps wait 120 seconds for an answer. Unit: ISO 8601 duration, PT1S to PT105S. Default: PT100S.')
  HUNTING_TIMEOUT: string?

  @description('Optional. How old the last complete pull may be before the app calls itself degraded. Unit: ISO 8601 duration, PT1M to P7D. Default: PT30M.')
  HEALTH_MAX_PULL_AGE: string?
}
