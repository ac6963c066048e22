import { expect, it } from 'vitest';
import { Backoff } from '../../../local/host/backoff.ts';

it('a backoff starts at the minimum, doubles, ends at the maximum, and starts over after a success', () => {
  const backoff = new Backoff(100, 1000, () => 0.5);
  const delays = Array.from({ length: 6 }, () => backoff.next());
  expect(delays).toEqual([100, 200, 300, 500, 900, 1000]);
  expect([backoff.reset(), backoff.next(), backoff.next()]).toEqual([100, 200, 300]);
});

it('a backoff varies by 20 % either way', () => {
  const [low, high] = [0, 1].map((chance) => new Backoff(100, 1000, () => chance));
  low?.next();
  high?.next();
  expect([low?.next(), high?.next()]).toEqual([180, 220]);
});
