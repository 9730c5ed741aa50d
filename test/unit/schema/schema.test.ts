import * as v from 'valibot';
import {
  check,
  finiteNumber,
  flag,
  integerFrom,
  list,
  numberFrom,
  object,
  oneOf,
  positive,
  recordOf,
  strictObject,
  text,
} from '../../../src/schema/schema';

const faultOf = (schema: v.GenericSchema, value: unknown, secret?: readonly string[]) => {
  const checked = check(schema, value, 'the file', secret);
  return 'fault' in checked ? checked.fault : null;
};

const shape = {
  size: integerFrom(1, 4096),
  window: object({ low: numberFrom(0, 100) }),
  names: list(oneOf(['a', 'b']), 1),
  on: v.optional(flag()),
};
const right = { size: 7, window: { low: 1 }, names: ['a'] };

describe.each([
  ['object', object(shape)],
  ['strictObject', strictObject(shape)],
])('%s', (_, schema) => {
  it.each([
    [null, 'the file must be an object; it is null'],
    [[], 'the file must be an object; it is []'],
    ['x', 'the file must be an object; it is "x"'],
    [{ ...right, size: 0 }, 'size must be an integer from 1 to 4096; it is 0'],
    [{ ...right, size: 4097 }, 'size must be an integer from 1 to 4096; it is 4097'],
    [{ window: {}, names: ['a'] }, 'size must be an integer from 1 to 4096; it is missing'],
    [{ ...right, window: [] }, 'window must be an object; it is []'],
    [{ ...right, window: {} }, 'window.low must be a number from 0 to 100; it is missing'],
    [{ ...right, names: [] }, 'names must be a list of at least 1; it is []'],
    [{ ...right, names: ['a', 'c'] }, 'names[1] must be one of a, b; it is "c"'],
    [{ ...right, on: 'yes' }, 'on must be true or false; it is "yes"'],
  ])('says of %j what must be and what is', (value, fault) => {
    expect(faultOf(schema, value)).toBe(fault);
  });

  it('gives what it knows', () => {
    expect(check(schema, right, '')).toEqual({ value: right });
  });
});

it('leaves out or refuses what it does not know', () => {
  const more = { ...right, window: { low: 1, ['x'.repeat(99)]: 2 } };
  expect(check(object(shape), more, '')).toEqual({ value: right });
  const strict = strictObject({ ...shape, window: strictObject({ low: numberFrom(0, 100) }) });
  expect(faultOf(strict, more)).toBe(`window.${'x'.repeat(57)}... is not known; known are low`);
  expect(faultOf(strict, JSON.parse('{"__proto__":1}'))).toMatch(/^size must be/);
  expect(faultOf(strictObject({}), JSON.parse('{"__proto__":1}'))).toMatch(/^__proto__ is not/);
});

it('takes no list for a record', () => {
  const schema = recordOf(finiteNumber());
  expect(faultOf(schema, { a: 1, b: -2.5 })).toBeNull();
  expect(faultOf(schema, [1])).toBe('the file must be an object; it is [1]');
  expect(faultOf(schema, { a: '1' })).toBe('a must be a number; it is "1"');
  expect(faultOf(schema, { a: Infinity })).toMatch(/^a must be a number/);
});

it('is bounded and wants no blanks', () => {
  expect(faultOf(positive(10), 11)).toMatch(/^the file must be a number above 0 and at most 10/);
  expect(faultOf(positive(10), 0)).toMatch(/^the file must be a number above 0; it is 0/);
  expect(faultOf(numberFrom(0, 1), NaN)).toMatch(/^the file must be a number from 0 to 1/);
  expect(faultOf(text(), ' ')).toBe('the file must be a text; it is " "');
});

it('tells no secret', () => {
  const schema = object({
    who: object({ salt: v.pipe(v.string('must be a text'), v.minLength(16, 'must be longer')) }),
  });
  const told = (salt: unknown) => faultOf(schema, { who: { salt } }, ['who.salt']);
  expect(told('Jane')).toBe('who.salt must be longer; it is another text of 4');
  expect(told(4711)).toBe('who.salt must be a text; it is no text');
  expect(told(undefined)).toBe('who.salt must be a text; it is missing');
  expect(faultOf(schema, { who: { salt: 'x' } })).toMatch(/it is "x"/);
});
