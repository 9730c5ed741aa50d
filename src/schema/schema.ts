import * as v from 'valibot';

/**
 * The words of a checked text: each schema says in its message what the value must be, so that a fault reads
 * "input.windows.CT.high must be a number from 0 to 100; it is 101".
 */

/** An object, which a list is not, whatever JavaScript says. */
const record = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

/** An object with these entries; others are left out. */
export const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  Object.assign(v.pipe(record, v.object(entries, entryMessage(entries))), { entries });

/** An object with these entries and no others. */
export const strictObject = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  Object.assign(v.pipe(record, v.strictObject(entries, entryMessage(entries))), { entries });

const entryMessage = (entries: v.ObjectEntries) => (issue: v.BaseIssue<unknown>) => {
  if (issue.expected === UNKNOWN_ENTRY) {
    return `is not known; known are ${Object.keys(entries).join(', ')}`;
  }
  const missing = v.safeParse(entries[String(issue.path?.at(-1)?.key)], undefined);
  return missing.success ? 'must not be left out' : missing.issues[0].message;
};

/** What valibot expects where an entry is none of those that are allowed. */
const UNKNOWN_ENTRY = 'never';

/** An object of whatever names, each with such a value. */
export const recordOf = <Value extends v.GenericSchema>(value: Value) =>
  v.pipe(record, v.record(v.string(), value));

/** A text that is not blank. */
export const text = () => v.pipe(v.string('must be a text'), v.regex(/\S/, 'must be a text'));

/** A text of one form. */
export const textLike = (pattern: RegExp, description: string) =>
  v.pipe(v.string(`must be ${description}`), v.regex(pattern, `must be ${description}`));

/** True or false. */
export const flag = () => v.boolean('must be true or false');

/** A finite number. */
export const finiteNumber = () =>
  v.pipe(v.number('must be a number'), v.finite('must be a number'));

/** A finite number within bounds, both included. */
export const numberFrom = (min: number, max: number) => {
  const must = `must be a number from ${min} to ${max}`;
  return v.pipe(v.number(must), v.minValue(min, must), v.maxValue(max, must));
};

/** A finite number above 0 and at most `max`. */
export const positive = (max: number) => {
  const must = 'must be a number above 0';
  return v.pipe(
    v.number(must),
    v.gtValue(0, must),
    v.maxValue(max, `must be a number above 0 and at most ${max}`),
  );
};

/** A whole number within bounds, both included. */
export const integerFrom = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const to = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
  const must = `must be an integer from ${min}${to}`;
  return v.pipe(v.number(must), v.safeInteger(must), v.minValue(min, must), v.maxValue(max, must));
};

/** A list of at least so many. */
export const list = <Item extends v.GenericSchema>(item: Item, least = 0) => {
  const must = least === 0 ? 'must be a list' : `must be a list of at least ${least}`;
  return v.pipe(v.array(item, must), v.minLength(least, must));
};

/** One of a few texts. */
export const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `must be one of ${options.join(', ')}`);

/**
 * Checks a value that came from outside.
 *
 * @param whole what the value is called where it is wrong as a whole
 * @param secret paths whose values no message may tell
 * @returns what the schema makes of it, or the first fault as "<path> must be ...; it is ..."
 */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  whole: string,
  secret: readonly string[] = [],
): { readonly value: v.InferOutput<Schema> } | { readonly fault: string } {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return { value: result.output };
  const [issue] = result.issues;
  const path = (issue.path ?? []).reduce(
    (at, { key }) =>
      typeof key === 'number'
        ? `${at}[${key}]`
        : `${at}${at === '' ? '' : '.'}${shortened(String(key))}`,
    '',
  );
  const fault = `${path === '' ? whole : path} ${issue.message}`;
  if (issue.expected === UNKNOWN_ENTRY) return { fault };
  return { fault: `${fault}; ${(secret.includes(path) ? kindText : foundText)(issue.input)}` };
}

function foundText(value: unknown): string {
  if (value === undefined) return 'it is missing';
  return `it is ${shortened(JSON.stringify(value) ?? String(value))}`;
}

function kindText(value: unknown): string {
  if (value === undefined) return 'it is missing';
  return typeof value === 'string' ? `it is another text of ${value.length}` : 'it is no text';
}

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
