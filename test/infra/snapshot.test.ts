import { expect, it } from 'vitest';
import { formatSnapshot } from '../../tools/formatSnapshot.ts';
import { read, root } from './infraFiles.ts';

it('shows what the Bicep files grant, set and make today (else: npm run infra:snapshot)', () => {
  expect(read('infra/snapshot.md')).toBe(formatSnapshot(root));
});
