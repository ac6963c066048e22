import { DefenderAnswerUnreadable } from './DefenderAnswerUnreadable.ts';

/** One element of the page's `value` array, as the bytes that the service sent. */
export interface PageElement {
  readonly bytes: Buffer;
  /** How long the element really was; more than `bytes` holds when it passed the limit and was cut. */
  readonly totalBytes: number;
}

/** What stands around the elements: `@odata.nextLink` and the like. */
export type PageShell = Readonly<Record<string, unknown>>;

export interface PageLimits {
  /** An element beyond this is cut, not refused: one monstrous alert must not hide its neighbours. */
  readonly elementBytes: number;
  readonly shellBytes: number;
  readonly depth: number;
}

export const pageLimits: PageLimits = { elementBytes: 16 * 1024 * 1024, shellBytes: 256 * 1024, depth: 500 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

type Place =
  | 'shell' // Around the array.
  | 'beforeElement' // In the array, after `[` or a comma.
  | 'inElement'
  | 'afterElement'; // In the array, a comma or `]` must follow.

/**
 * Cuts an OData page `{"value": [...], ...}` into its elements while it arrives, so that memory follows one element
 * and never the page. It finds where elements end and leaves their inside to `JSON.parse`; everything around them is
 * collected and parsed at the end, which is also what detects a page that was cut off.
 */
export class PageSplitter {
  readonly #limits: PageLimits;
  #place: Place = 'shell';
  #arrays = 0;
  #elements = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #isFirstChunk = true;

  readonly #shell: number[] = [];
  #keyStart: number | undefined;
  #lastKey: string | undefined;
  #expectsKey = false;
  #expectsValue = false;

  #pieces: Buffer[] = [];
  #keptBytes = 0;
  #totalBytes = 0;

  constructor(limits: PageLimits = pageLimits) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes and gives the elements that they complete.
   * @throws DefenderAnswerUnreadable when the bytes cannot be such a page.
   */
  *push(bytes: Uint8Array): Generator<PageElement, void, undefined> {
    let chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#isFirstChunk && chunk.length > 0) {
      this.#isFirstChunk = false;
      if (chunk.subarray(0, 3).equals(BYTE_ORDER_MARK)) chunk = chunk.subarray(3);
    }
    let elementStart = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      switch (this.#place) {
        case 'shell':
          this.#readShell(byte);
          break;
        case 'beforeElement':
          if (isWhitespace(byte)) break;
          if (byte === CLOSE_ARRAY && this.#elements === 0) {
            this.#leaveArray(byte);
            break;
          }
          if (byte === COMMA || byte === CLOSE_ARRAY) throw unreadable('an element is missing');
          this.#place = 'inElement';
          elementStart = index;
          this.#readElement(byte);
          break;
        case 'inElement':
          if (this.#readElement(byte)) break;
          this.#keep(chunk.subarray(elementStart, index));
          yield this.#takeElement();
          this.#readAfterElement(byte);
          break;
        case 'afterElement':
          this.#readAfterElement(byte);
      }
    }
    if (this.#place === 'inElement') this.#keep(chunk.subarray(elementStart));
  }

  /**
   * Says that all bytes came.
   * @throws DefenderAnswerUnreadable when the page was cut off or has no `value` array.
   */
  end(): PageShell {
    if (this.#place !== 'shell') throw unreadable('it ends inside the `value` array');
    const shell = parseObject(Buffer.from(this.#shell).toString('utf8'));
    if (this.#arrays !== 1) throw unreadable(`it has ${this.#arrays} \`value\` arrays instead of one`);
    return shell;
  }

  #readShell(byte: number): void {
    this.#shell.push(byte);
    if (this.#shell.length > this.#limits.shellBytes)
      throw unreadable('too much stands around its `value` array');
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#endShellString();
      return;
    }
    if (isWhitespace(byte)) return;
    const opensValue = this.#expectsValue && this.#lastKey === 'value' && byte === OPEN_ARRAY;
    this.#expectsValue = false;
    if (opensValue) {
      this.#arrays += 1;
      this.#elements = 0;
      this.#place = 'beforeElement';
    } else if (byte === QUOTE) {
      this.#inString = true;
      if (this.#expectsKey) this.#keyStart = this.#shell.length - 1;
    } else if (byte === COLON) {
      this.#expectsValue = this.#depth === 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#depth += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      this.#depth -= 1;
    }
    if (byte === OPEN_OBJECT || byte === COMMA) this.#expectsKey = this.#depth === 1;
    else this.#expectsKey = false;
  }

  #endShellString(): void {
    this.#inString = false;
    if (this.#keyStart === undefined) return;
    const key = Buffer.from(this.#shell.slice(this.#keyStart)).toString('utf8');
    this.#keyStart = undefined;
    this.#lastKey = String(parseJson(key));
  }

  /** Whether `byte` still belongs to the element. */
  #readElement(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return true;
    }
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        return true;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#depth += 1;
        if (this.#depth > this.#limits.depth) throw unreadable('it is nested too deeply');
        return true;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        // Depth 1 is the page object itself; a bracket that would leave it closes the array.
        if (this.#depth === 1) return false;
        this.#depth -= 1;
        return true;
      default:
        return byte !== COMMA || this.#depth > 1;
    }
  }

  #readAfterElement(byte: number): void {
    if (byte === COMMA) this.#place = 'beforeElement';
    else if (byte === CLOSE_ARRAY) this.#leaveArray(byte);
    else if (!isWhitespace(byte)) throw unreadable('elements are not separated by commas');
  }

  #leaveArray(byte: number): void {
    this.#shell.push(byte);
    this.#place = 'shell';
  }

  #keep(piece: Buffer): void {
    this.#totalBytes += piece.length;
    const room = this.#limits.elementBytes - this.#keptBytes;
    if (room <= 0) return;
    const kept = piece.subarray(0, room);
    this.#pieces.push(kept);
    this.#keptBytes += kept.length;
  }

  #takeElement(): PageElement {
    const element = {
      bytes: withoutTrailingWhitespace(Buffer.concat(this.#pieces)),
      totalBytes: this.#totalBytes,
    };
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#totalBytes = 0;
    this.#elements += 1;
    this.#place = 'afterElement';
    return element;
  }
}

function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The layout between elements is not part of them: an alert has the same digest wherever it stands in a page. */
function withoutTrailingWhitespace(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isWhitespace(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(0, end);
}

function parseObject(json: string): PageShell {
  const parsed = parseJson(json);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw unreadable('it is not an object');
  return parsed as PageShell;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw unreadable('it is not JSON, or was cut off');
  }
}

function unreadable(why: string): DefenderAnswerUnreadable {
  return new DefenderAnswerUnreadable('Read page', why);
}
