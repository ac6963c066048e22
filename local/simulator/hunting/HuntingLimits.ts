/** The APIs through which queries come. */
export const huntingApis = ['graph', 'xdr', 'endpoint'] as const;

/** One of `huntingApis`. */
export type HuntingApi = (typeof huntingApis)[number];

/** What a query, and all queries of a tenant together, may take. */
export interface HuntingLimits {
  readonly callsPerMinute: number;
  /** Only counted on the endpoint API; the others document none. */
  readonly callsPerHour: number;
  /** More rows are left out without a word. */
  readonly rows: number;
  readonly resultBytes: number;
  /** How long a query may run; absent: as documented for the API. */
  readonly querySeconds: number | null;
  /** Running time in an hour; endpoint API only. */
  readonly secondsPerHour: number;
  /** Running time in a day; endpoint API only. */
  readonly secondsPerDay: number;
  /** Running time in a cycle of 15 minutes, for Graph and XDR together; null: as much as is wanted, since no figure is documented. */
  readonly secondsPerCycle: number | null;
}

/**
 * Sources: https://learn.microsoft.com/graph/api/resources/security-api-overview#quotas-and-resource-allocation
 * https://learn.microsoft.com/defender-endpoint/api/run-advanced-query-api#limitations
 */
export const documentedLimits: HuntingLimits = {
  callsPerMinute: 45,
  callsPerHour: 1500,
  rows: 100_000,
  resultBytes: 50 * 1024 * 1024,
  querySeconds: null,
  secondsPerHour: 600,
  secondsPerDay: 3 * 3600,
  secondsPerCycle: null,
};

/** How long a query may run, in seconds. */
export function longestQuery(limits: HuntingLimits, api: HuntingApi): number {
  return limits.querySeconds ?? (api === 'endpoint' ? 200 : 180);
}
