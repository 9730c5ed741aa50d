/** A string of a script, with the key it stands at: `qidoRoot: '/dicom-web'`. */
export interface KeyedString {
  /** Empty where it is no value of a key, but an item of a list, say. */
  readonly key: string;
  readonly value: string;
}

const QUOTES = new Set(['"', "'", '`']);
const NAME = /[\w$]/;

/**
 * The strings of a script, comments left out. An `app-config.js` is JavaScript from a server and is not
 * run here: what it computes is not seen.
 */
export function stringsOf(text: string): readonly KeyedString[] {
  const script = withoutComments(text);
  const found: KeyedString[] = [];
  let word = '';
  let key = '';
  for (let at = 0; at < script.length; at++) {
    const char = script[at];
    if (QUOTES.has(char)) {
      const { value, end } = quoted(script, at);
      found.push({ key, value });
      [word, key, at] = [value, '', end];
    } else if (char === ':') {
      // A string before a colon was a key, not a value.
      if (found.at(-1)?.value === word) found.pop();
      [key, word] = [word, ''];
    } else if (NAME.test(char)) {
      word = NAME.test(script[at - 1] ?? '') ? word + char : char;
    } else if (!/\s/.test(char)) {
      [key, word] = ['', ''];
    }
  }
  return found;
}

/** Whether a script gives a key or a property a value, whatever that is. */
export function hasKey(script: string, key: string): boolean {
  return new RegExp(`(^|[^\\w$-])['"]?${key}['"]?\\s*[:=]`).test(withoutComments(script));
}

/** A blank stands where a comment was. */
function withoutComments(script: string): string {
  let code = '';
  for (let at = 0; at < script.length; at++) {
    const char = script[at];
    if (char === '/' && (script[at + 1] === '/' || script[at + 1] === '*')) {
      const end = script.indexOf(script[at + 1] === '/' ? '\n' : '*/', at + 2);
      at = end < 0 ? script.length : end + (script[at + 1] === '*' ? 1 : 0);
      code += ' ';
    } else if (QUOTES.has(char)) {
      const { end } = quoted(script, at);
      code += script.slice(at, end + 1);
      at = end;
    } else code += char;
  }
  return code;
}

function quoted(script: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < script.length; at++) {
    if (script[at] === script[start]) return { value, end: at };
    if (script[at] === '\\') at++;
    value += script[at] ?? '';
  }
  return { value, end: script.length };
}
