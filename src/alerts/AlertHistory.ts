import type { AlertEnvelope } from './envelope.ts';

/** What a version is to whoever got the earlier ones. */
export type AlertChange = 'created' | 'updated';

/** The right to deliver one version, until it is settled or released. */
export interface DeliveryClaim {
  readonly change: AlertChange;
  /** Notes the version as delivered. */
  settle(signal: AbortSignal): Promise<void>;
  /** Gives the right back undelivered. */
  release(signal: AbortSignal): Promise<void>;
}

/** Knows which versions of each alert were delivered. */
export interface AlertHistory {
  /**
   * Claims the delivery of a version. Versions of one alert are delivered one after the other.
   * @returns 'stale' when this version or a newer one was delivered before; 'busy' when another one is being delivered.
   */
  claim(envelope: AlertEnvelope, signal: AbortSignal): Promise<DeliveryClaim | 'stale' | 'busy'>;
}
