/**
 * What a terminal would obey instead of showing: controls (among them the escape that begins a command), marks of direction
 * and separators. Titles of alerts and results of hunts hold what an attacker wrote.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line of text that a terminal only shows. */
export function toLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\r\u2028\u2029]+/g, ' ')
    .replace(INVISIBLE, '');
}

/** Likewise, with its lines kept. */
export function toText(text: string): string {
  return text.split('\n').map(toLine).join('\n');
}

/** One line again, with at most `length` characters. */
export function toCell(value: unknown, length: number): string {
  const text = toLine(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** JSON that says the same to a machine and nothing to a terminal: what is invisible is escaped. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return text.replace(INVISIBLE, (character) =>
    character === '\n' ? character : escapeCharacter(character),
  );
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
