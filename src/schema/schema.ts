import * as v from 'valibot';

/**
 * The words of a checked text: each schema says in its message what the value must be, so that a fault reads
 * "input.windows.CT.high must be a number from 0 to 100; it is 101".
 */

/** An object with these entries; others are left out. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object(entries, (issue) => {
    const key = issue.path?.at(-1)?.key;
    const entry = issue.expected === 'Object' ? undefined : entries[String(key)];
    if (!entry) return 'must be an object';
    const missing = v.safeParse(entry, undefined);
    return missing.success ? 'must not be left out' : missing.issues[0].message;
  });
}

/** A text that is not blank. */
export const text = () => v.pipe(v.string('must be a text'), v.regex(/\S/, 'must be a text'));

/** A text of one form. */
export const textLike = (pattern: RegExp, description: string) =>
  v.pipe(v.string(`must be ${description}`), v.regex(pattern, `must be ${description}`));

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
 * @returns what the schema makes of it, or the first fault as "<path> must be ...; it is ..."
 */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  whole: string,
): { readonly value: v.InferOutput<Schema> } | { readonly fault: string } {
  // A list has entries too, but is not what an object's schema means.
  const given = schema.type === 'object' && Array.isArray(value) ? null : value;
  const result = v.safeParse(schema, given, { abortPipeEarly: true });
  if (result.success) return { value: result.output };
  const [issue] = result.issues;
  const path = (issue.path ?? []).reduce(
    (at, { key }) =>
      typeof key === 'number' ? `${at}[${key}]` : at === '' ? String(key) : `${at}.${String(key)}`,
    '',
  );
  return { fault: `${path === '' ? whole : path} ${issue.message}; ${foundText(issue.input)}` };
}

function foundText(value: unknown): string {
  if (value === undefined) return 'it is missing';
  const json = JSON.stringify(value) ?? String(value);
  return `it is ${json.length > 60 ? `${json.slice(0, 57)}...` : json}`;
}
