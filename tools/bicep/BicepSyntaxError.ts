/** The text is not Bicep, or uses what this reader does not know. The message names file and line. */
export class BicepSyntaxError extends Error {
  override readonly name = 'BicepSyntaxError';

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
  }
}
