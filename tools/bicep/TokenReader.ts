import { BicepSyntaxError } from './BicepSyntaxError.ts';
import { tokenize, type Token } from './tokenize.ts';

/** Walks over the tokens of one file. */
export class TokenReader {
  readonly file: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(file: string, text: string, firstLine?: number) {
    this.file = file;
    this.#tokens = tokenize(file, text, firstLine);
  }

  /** @param ahead how many tokens further on. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (!token) throw new BicepSyntaxError(this.file, 0, 'the file is empty');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind !== 'string' && token.kind !== 'line' && token.text === text;
  }

  /** Takes the next token if it reads so. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at += 1;
    return true;
  }

  /** @throws BicepSyntaxError */
  expect(text: string): void {
    if (!this.accept(text)) throw this.fail(`'${text}' is expected instead of '${this.peek().text}'`);
  }

  /** @throws BicepSyntaxError */
  expectName(): string {
    if (this.peek().kind !== 'name') throw this.fail(`a name is expected instead of '${this.peek().text}'`);
    return this.take().text;
  }

  /** A string without interpolation. @throws BicepSyntaxError */
  expectText(): string {
    const { kind, parts = [] } = this.take();
    const [text, ...others] = parts;
    if (kind !== 'string' || text === undefined || others.length > 0)
      throw this.fail('a plain string is expected');
    return text;
  }

  /** Takes the mark that closes what is being read, if it comes next, perhaps on a later line. */
  endsWith(mark: string): boolean {
    this.skipLines();
    return this.accept(mark);
  }

  skipLines(): void {
    while (this.peek().kind === 'line') this.#at += 1;
  }

  /** Looks over ends of lines; stays where it is when something else follows. */
  acceptOnNextLine(text: string): boolean {
    const before = this.#at;
    this.skipLines();
    if (this.accept(text)) return true;
    this.#at = before;
    return false;
  }

  fail(problem: string): BicepSyntaxError {
    return new BicepSyntaxError(this.file, this.peek().line, problem);
  }
}
