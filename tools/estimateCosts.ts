/** What a deployment does in a month. */
export interface Volume {
  /** Alert versions that are handed over and delivered. */
  readonly alertsPerDay: number;
  /** Isolations and releases. */
  readonly actionsPerDay: number;
  readonly huntsPerDay: number;
  /** Memory of an instance. */
  readonly memoryGB: number;
  readonly alwaysReadyInstances: number;
  readonly hasPrivateNetwork: boolean;
}

/** One meter of the bill. */
export interface CostLine {
  readonly meter: string;
  /** The arithmetic, as a person would write it. */
  readonly how: string;
  /** US dollars a month. */
  readonly dollars: number;
}

/** The volume that docs/deploy.md works through. */
export const EXAMPLE_VOLUME: Volume = {
  alertsPerDay: 1_000,
  actionsPerDay: 20,
  huntsPerDay: 50,
  memoryGB: 2,
  alwaysReadyInstances: 0,
  hasPrivateNetwork: false,
};

/**
 * List prices in US dollars, pay as you go, East US. They differ by region and change.
 * Sources: https://azure.microsoft.com/pricing/details/functions/, .../storage/tables/, .../storage/queues/,
 * .../storage/blobs/, .../monitor/, .../private-link/
 */
const price = {
  gigabyteSecond: 0.000026,
  freeGigabyteSeconds: 100_000,
  millionExecutions: 0.4,
  freeExecutions: 250_000,
  alwaysReadyGigabyteSecond: 0.000004,
  tableOperations: 0.00036 / 10_000,
  queueOperations: 0.004 / 10_000,
  blobWrites: 0.05 / 10_000,
  logGigabyte: 2.3,
  freeLogGigabytes: 5,
  alertRule5Minutes: 1.5,
  alertRule15Minutes: 0.5,
  privateEndpointHour: 0.01,
};

const DAYS = 30;
const HOURS = 24 * DAYS;
const MINUTES = 60 * HOURS;
/** Both timers run every minute. Each execution is billed as one second at least, and most take less. */
const TIMER_RUNS = 2 * MINUTES;
const HUNT_SECONDS = 5;
/** Counted at the storage account: table operations of an idle pull and of an idle look at the open operations. */
const TABLE_OPERATIONS_PER_MINUTE = 5 + 2;
/** Counted likewise: history and ledger of an alert; the message put, got and deleted. */
const OPERATIONS_PER_ALERT = 3;
/** An isolation with its look-ups until it is over. */
const TABLE_OPERATIONS_PER_ACTION = 40;
/** Estimated: the Functions host keeps a lease and a status for each timer. */
const BLOB_WRITES_PER_TIMER_RUN = 2;
/** Estimated: what the host and the app log of one execution. */
const LOG_KILOBYTES_PER_EXECUTION = 3;
const ALERT_RULES_5_MINUTES = 2;
const ALERT_RULES_15_MINUTES = 8;
const PRIVATE_ENDPOINTS = 4;

/** The bill of a month, an upper bound as far as executions go: none shares an instance with another. */
export function estimateCosts(volume: Volume): CostLine[] {
  const alerts = volume.alertsPerDay * DAYS;
  const actions = volume.actionsPerDay * DAYS;
  const hunts = volume.huntsPerDay * DAYS;
  const { memoryGB, alwaysReadyInstances, hasPrivateNetwork } = volume;
  const executions = TIMER_RUNS + alerts + 5 * actions + hunts;
  const seconds = executions + hunts * (HUNT_SECONDS - 1);
  const tables =
    MINUTES * TABLE_OPERATIONS_PER_MINUTE +
    alerts * OPERATIONS_PER_ALERT +
    actions * TABLE_OPERATIONS_PER_ACTION;
  const logGigabytes = (executions * LOG_KILOBYTES_PER_EXECUTION) / 1_000_000;
  const readySeconds = alwaysReadyInstances * memoryGB * HOURS * 3600;
  const lines: CostLine[] = [
    {
      meter: 'executions',
      how: `${n(TIMER_RUNS)} timer runs + ${n(alerts)} deliveries + 5 × ${n(actions)} actions + ${n(hunts)} hunts = ${n(executions)}; ${n(price.freeExecutions)} free`,
      dollars: (over(executions, price.freeExecutions) / 1_000_000) * price.millionExecutions,
    },
    {
      meter: 'execution time',
      how: `${n(seconds)} s × ${memoryGB} GB = ${n(seconds * memoryGB)} GB-s; ${n(price.freeGigabyteSeconds)} free`,
      dollars: over(seconds * memoryGB, price.freeGigabyteSeconds) * price.gigabyteSecond,
    },
    {
      meter: 'tables',
      how: `${n(MINUTES)} min × ${TABLE_OPERATIONS_PER_MINUTE} + ${n(alerts)} × ${OPERATIONS_PER_ALERT} + ${n(actions)} × ${TABLE_OPERATIONS_PER_ACTION} = ${n(tables)} operations`,
      dollars: tables * price.tableOperations,
    },
    {
      meter: 'queues',
      how: `${n(alerts)} × ${OPERATIONS_PER_ALERT} = ${n(alerts * OPERATIONS_PER_ALERT)} operations`,
      dollars: alerts * OPERATIONS_PER_ALERT * price.queueOperations,
    },
    {
      meter: 'blobs',
      how: `${n(TIMER_RUNS)} × ${BLOB_WRITES_PER_TIMER_RUN} = ${n(TIMER_RUNS * BLOB_WRITES_PER_TIMER_RUN)} writes by the host`,
      dollars: TIMER_RUNS * BLOB_WRITES_PER_TIMER_RUN * price.blobWrites,
    },
    {
      meter: 'log',
      how: `${n(executions)} × ${LOG_KILOBYTES_PER_EXECUTION} kB = ${logGigabytes.toFixed(2)} GB; ${price.freeLogGigabytes} GB free`,
      dollars: over(logGigabytes, price.freeLogGigabytes) * price.logGigabyte,
    },
    {
      meter: 'alert rules',
      how: `${ALERT_RULES_5_MINUTES} every 5 min × $${price.alertRule5Minutes.toFixed(2)} + ${ALERT_RULES_15_MINUTES} every 15 min × $${price.alertRule15Minutes.toFixed(2)}`,
      dollars:
        ALERT_RULES_5_MINUTES * price.alertRule5Minutes + ALERT_RULES_15_MINUTES * price.alertRule15Minutes,
    },
  ];
  if (alwaysReadyInstances > 0)
    lines.push({
      meter: 'always ready',
      how: `${alwaysReadyInstances} × ${memoryGB} GB × ${n(HOURS * 3600)} s = ${n(readySeconds)} GB-s`,
      dollars: readySeconds * price.alwaysReadyGigabyteSecond,
    });
  if (hasPrivateNetwork)
    lines.push({
      meter: 'private endpoints',
      how: `${PRIVATE_ENDPOINTS} × ${HOURS} h`,
      dollars: PRIVATE_ENDPOINTS * HOURS * price.privateEndpointHour,
    });
  return lines;
}

/** US dollars a month. */
export function totalOf(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0);
}

const over = (quantity: number, free: number): number => Math.max(0, quantity - free);
const n = (quantity: number): string => quantity.toLocaleString('en-US', { maximumFractionDigits: 0 });
