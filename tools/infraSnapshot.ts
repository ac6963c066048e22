import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatSnapshot } from './formatSnapshot.ts';

// `npm run infra:snapshot`: writes infra/snapshot.md anew; a test compares it with what the Bicep files say.

const root = path.join(import.meta.dirname, '..');
writeFileSync(path.join(root, 'infra', 'snapshot.md'), formatSnapshot(root));
