import { readFileSync } from 'node:fs';
import type * as v from 'valibot';
import { check } from '../../src/schema/schema';

/**
 * Reads a JSON file as its schema says.
 *
 * @throws Error naming the file and the first field that is wrong, what it must be, and what it is
 */
export function readJsonFile<Schema extends v.GenericSchema>(
  file: string,
  schema: Schema,
): v.InferOutput<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not a readable JSON file: ${(cause as Error).message}`, { cause });
  }
  const checked = check(schema, json, 'its content');
  if ('fault' in checked) throw new Error(`${file}: ${checked.fault}.`);
  return checked.value;
}
