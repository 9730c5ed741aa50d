import { CommanderError, type Command } from 'commander';
import * as v from 'valibot';
import { recordOf } from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';

/** Options that name a run or a file rather than decide what it computes. */
const NOT_IN_A_FILE = ['name', 'config', 'resume', 'help'];

/**
 * Takes options from a JSON file, under the names of the command line in camel case
 * (`"learningRate": 0.002`, `"deepSupervision": false`, `"mix": {"mr": 26}`). What stands on the
 * command line goes first.
 *
 * @throws Error naming the file and the key that is unknown or has a wrong value
 */
export function applyConfig(command: Command, file: string): void {
  const config = readJsonFile(file, recordOf(v.unknown()));
  const options = command.options.filter((each) => !NOT_IN_A_FILE.includes(each.attributeName()));
  const unknown = Object.keys(config).filter(
    (key) => !options.some((each) => each.attributeName() === key),
  );
  if (unknown.length > 0) {
    const known = options.map((each) => each.attributeName()).join(', ');
    throw new Error(`${file}: "${unknown.join('", "')}" is not known; known are ${known}.`);
  }
  for (const option of options) {
    const key = option.attributeName();
    if (!(key in config) || command.getOptionValueSource(key) === 'cli') continue;
    const wrong = (why: string): never => {
      throw new Error(`${file}: "${key}" cannot be ${JSON.stringify(config[key])}. ${why}`);
    };
    const given = config[key];
    let value: unknown = given;
    if (option.isBoolean() || option.negate) {
      if (typeof given !== 'boolean') wrong('It must be true or false.');
    } else if (option.variadic) {
      if (!Array.isArray(given) || !given.every((each) => typeof each === 'string')) {
        wrong('It must be a list of texts.');
      }
    } else {
      const text = textOf(given) ?? wrong('It must be what the command line takes.');
      try {
        if (option.argChoices && !option.argChoices.includes(text)) {
          wrong(`It must be one of ${option.argChoices.join(', ')}.`);
        }
        value = option.parseArg && !option.argChoices ? option.parseArg(text, undefined) : text;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        wrong(error.message);
      }
    }
    command.setOptionValueWithSource(key, value, 'config');
  }
}

/** A JSON value as one would write it on the command line. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value)
    .map(([key, each]) => `${key}=${String(each)}`)
    .join(',');
}
