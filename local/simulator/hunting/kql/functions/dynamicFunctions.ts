import { findArray, toLong, toText } from '../values/convert.ts';
import { isBag, keyOf, type Value } from '../values/Value.ts';
import { unfit, type ScalarFunction } from './ScalarFunction.ts';

/** Functions on arrays and bags. Source: https://learn.microsoft.com/kusto/query/scalar-functions#dynamicarray-functions */
export const dynamicFunctions: Readonly<Record<string, ScalarFunction>> = {
  array_length: ([array = null]) => {
    const found = findArray(array);
    return found === undefined ? null : BigInt(found.length);
  },
  array_concat: (arrays) => arrays.flatMap((array) => findArray(array) ?? []),
  array_slice: ([array = null, start = null, end = null]) => {
    const found = findArray(array);
    const [from, to] = [toLong(start), toLong(end)];
    if (found === undefined || from === null || to === null) return null;
    const at = (index: bigint): number =>
      index < 0n ? Math.max(0, found.length + Number(index)) : Number(index);
    return found.slice(at(from), at(to) + 1); // The end is included.
  },
  bag_keys: ([bag = null]) => (isBag(bag) ? [...bag.keys()] : null),
  bag_has_key: ([bag = null, key = null], call) => {
    if (!isBag(bag)) return null;
    const name = toText(key);
    if (name.startsWith('$')) throw unfit(call, key); // A path; only plain keys are looked up.
    return bag.has(name);
  },
  bag_merge: (bags) => {
    const merged = new Map<string, Value>();
    for (const bag of bags.filter(isBag)) {
      for (const [key, value] of bag) if (!merged.has(key)) merged.set(key, value);
    }
    return merged;
  },
  bag_pack: packBag,
  pack: packBag,
  pack_dictionary: packBag,
  pack_array: (values) => values,
  set_has_element: ([set = null, value = null]) => {
    const found = findArray(set);
    return found === undefined ? null : found.some((one) => keyOf(one) === keyOf(value));
  },
  set_union: (sets) => distinct(sets.flatMap((set) => findArray(set) ?? [])),
  set_intersect: ([first = null, ...others]) => {
    const keys = others.map((set) => new Set((findArray(set) ?? []).map(keyOf)));
    return distinct(findArray(first) ?? []).filter((value) => keys.every((set) => set.has(keyOf(value))));
  },
  set_difference: ([first = null, ...others]) => {
    const removed = new Set(others.flatMap((set) => findArray(set) ?? []).map(keyOf));
    return distinct(findArray(first) ?? []).filter((value) => !removed.has(keyOf(value)));
  },
};

/** The values without repetitions, in the order of their first appearance. */
export function distinct(values: readonly Value[]): readonly Value[] {
  return [...new Map(values.map((value) => [keyOf(value), value])).values()];
}

function packBag(parts: readonly Value[]): Value {
  const bag = new Map<string, Value>();
  for (let index = 0; index + 1 < parts.length; index += 2) {
    bag.set(toText(parts[index] ?? null), parts[index + 1] ?? null);
  }
  return bag;
}
