import { findArray, toLong, toText } from '../values/convert.ts';
import type { Value } from '../values/Value.ts';
import type { ScalarFunction } from './ScalarFunction.ts';

interface Network {
  readonly address: number;
  /** How many leading bits count. */
  readonly prefix: number;
}

const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Functions on IPv4 addresses. Source: https://learn.microsoft.com/kusto/query/scalar-functions#ipv4ipv6-functions */
export const ipFunctions: Readonly<Record<string, ScalarFunction>> = {
  ipv4_is_private: ([ip = null]) => isInAny(toText(ip), privateNetworks),
  ipv4_is_in_range: ([ip = null, range = null]) => isInAny(toText(ip), [toText(range)]),
  ipv4_is_in_any_range: ([ip = null, ...ranges]) =>
    isInAny(toText(ip), ranges.flatMap((range) => findArray(range) ?? [range]).map(toText)),
  ipv4_is_match: (parameters) => {
    const order = compareIps(parameters);
    return order === null ? null : order === 0n;
  },
  ipv4_compare: compareIps,
  parse_ipv4: ([ip = null]) => {
    const network = parse(toText(ip));
    return network === undefined ? null : BigInt(mask(network.address, network.prefix));
  },
};

function parse(text: string): Network | undefined {
  const match = /^\s*(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?\s*$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const prefix = Number(match[5] ?? 32);
  if (parts.some((part) => part > 255) || prefix > 32) return undefined;
  return { address: parts.reduce((sum, part) => sum * 256 + part, 0), prefix };
}

function mask(address: number, prefix: number): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(address / size) * size;
}

/** Null when one of the texts is no address. */
function isInAny(ip: string, ranges: readonly string[]): boolean | null {
  const address = parse(ip);
  const networks = ranges.map(parse);
  if (address === undefined || networks.includes(undefined)) return null;
  return networks.some(
    (network) =>
      network !== undefined &&
      mask(address.address, network.prefix) === mask(network.address, network.prefix),
  );
}

/** The shorter of the prefixes decides how many bits are compared. */
function compareIps([left = null, right = null, bits = 32n]: readonly Value[]): bigint | null {
  const [a, b] = [parse(toText(left)), parse(toText(right))];
  if (a === undefined || b === undefined) return null;
  const prefix = Math.min(a.prefix, b.prefix, Number(toLong(bits) ?? 32n));
  const difference = mask(a.address, prefix) - mask(b.address, prefix);
  return BigInt(Math.sign(difference));
}
