import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listGeneratedFiles } from './generatedFiles.ts';

// `npm run docs`: writes what is generated for people and for the deployment anew; a test keeps it equal.

const root = path.join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
for (const [file, text] of Object.entries(listGeneratedFiles(read)))
  writeFileSync(path.join(root, file), text);
