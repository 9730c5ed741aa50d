import { numbersOf } from '../../../src/sr/values';

it.each<[string, unknown]>([
  ['a hole', [, 10, -176.3]], // eslint-disable-line no-sparse-arrays
  ['a text that is no number', ['x', 10]],
  ['nothing in it', [null]],
  ['NaN', Float32Array.of(1, NaN)],
])('a list with %s is no list of numbers', (_, value) => {
  expect(numbersOf(value)).toBeNull();
});

it.each<[unknown, number[]]>([
  [
    [1, '2.5'],
    [1, 2.5],
  ],
  [Float32Array.of(1, 2), [1, 2]],
  [' 3 ', [3]],
])('%p holds %p', (value, numbers) => {
  expect(numbersOf(value)).toEqual(numbers);
});
