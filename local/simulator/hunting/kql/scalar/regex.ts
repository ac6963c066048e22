import { KqlError } from '../KqlError.ts';
import { NotSimulatedError } from '../NotSimulatedError.ts';

const compiled = new Map<string, RegExp>();
const mostCompiled = 500;

/**
 * A regular expression of Kusto as one of JavaScript.
 *
 * Kusto's syntax is that of Rust's regex crate, which has neither look-around nor references to groups. Throws KqlError
 * for those and for a faulty expression, NotSimulatedError for what JavaScript writes differently.
 * Source: https://learn.microsoft.com/kusto/query/regex
 */
export function compileRegex(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) {
    known.lastIndex = 0;
    return known;
  }
  if (compiled.size >= mostCompiled) compiled.clear();
  const regex = translate(pattern, flags);
  compiled.set(key, regex);
  return regex;
}

function translate(pattern: string, flags: string): RegExp {
  const [, inline = '', rest = pattern] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(pattern) ?? [];
  verify(rest, pattern);
  const allFlags = Array.from(new Set(`${flags}${inline}`)).join('');
  const source = rest.replaceAll('(?P<', '(?<').replaceAll('\\A', '^').replaceAll('\\z', '$');
  try {
    return new RegExp(source, `${allFlags}u`);
  } catch {
    return withoutUnicode(source, allFlags, pattern);
  }
}

/** JavaScript refuses escapes such as `\-` in its stricter mode; Kusto takes them. */
function withoutUnicode(source: string, flags: string, pattern: string): RegExp {
  if (/\\p/i.test(source)) throw new NotSimulatedError(`the regular expression '${pattern}'`);
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new KqlError(`The regular expression '${pattern}' is not valid: ${reason}`, { cause: error });
  }
}

function verify(source: string, pattern: string): void {
  const plain = source.replaceAll('\\\\', '');
  if (/\(\?<?[=!]/.test(plain))
    throw new KqlError(`The regular expression '${pattern}' looks around, which is not supported.`);
  if (/\\[1-9]/.test(plain)) {
    throw new KqlError(`The regular expression '${pattern}' refers to a group, which is not supported.`);
  }
  const hasInnerFlags = /\(\?[a-zA-Z-]+[:)]/.test(plain);
  const hasClassAlgebra = /\[[^\]]*(?:\[|&&|--|~~)/.test(plain);
  if (hasInnerFlags || hasClassAlgebra || /\\[ab<>]\{|\\[aZ<>]/.test(plain)) {
    throw new NotSimulatedError(`the regular expression '${pattern}'`);
  }
}
