import { readFileSync } from 'node:fs';
import path from 'node:path';
import { listBicepFiles } from '../../tools/bicepCli.ts';
import { parseFile, type BicepFile } from '../../tools/bicep/parseFile.ts';

/** The folder of the repository. */
export const root = path.join(import.meta.dirname, '..', '..');

/** The text of a file of the repository. */
export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Every Bicep file and file of parameters, parsed. */
export const bicepFiles: readonly BicepFile[] = listBicepFiles(root).map((file) =>
  parseFile(file, read(file)),
);
