/**
 * The clouds that Defender runs in. `gcc` lies in the global cloud; `gccHigh` and `dod` are the US Government's.
 *
 * Source: https://learn.microsoft.com/defender-endpoint/gov
 */
export const clouds = ['global', 'gcc', 'gccHigh', 'dod'] as const;

/** One of the clouds. */
export type Cloud = (typeof clouds)[number];

/** Who signs people and applications in: one instance of Entra for each national cloud. */
export interface EntraInstance {
  /** Where it is reached in reality, without `https://`. */
  readonly host: string;
  /** The name of the cloud in messages. */
  readonly name: string;
}

const publicInstance: EntraInstance = { host: 'login.microsoftonline.com', name: 'Azure Public' };
const usGovernment: EntraInstance = { host: 'login.microsoftonline.us', name: 'Azure US Government' };

/**
 * The instance of Entra that knows the tenants of a cloud; the same object for clouds that share one.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
export function instanceOf(cloud: Cloud): EntraInstance {
  return cloud === 'global' || cloud === 'gcc' ? publicInstance : usGovernment;
}

/** The same value for every cloud. */
export function everywhere<Value>(value: Value): Readonly<Record<Cloud, Value>> {
  return { global: value, gcc: value, gccHigh: value, dod: value };
}
