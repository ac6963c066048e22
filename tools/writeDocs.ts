import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withGeneratedSections } from './generatedSections.ts';

// `npm run docs`: writes the generated tables of the documentation anew; a test keeps them equal.

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
writeFileSync(path.join(root, 'README.md'), withGeneratedSections(read('README.md'), read('docs/errors.md')));
