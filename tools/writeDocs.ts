import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withGeneratedSections } from './generatedSections.ts';

// `npm run docs`: writes the generated tables of the documentation anew; a test keeps them equal.

const readme = path.join(import.meta.dirname, '..', 'README.md');
writeFileSync(readme, withGeneratedSections(readFileSync(readme, 'utf8')));
