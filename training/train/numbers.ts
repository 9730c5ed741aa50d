import { InvalidArgumentError } from 'commander';

/** Readers of numbers on the command line. */

export const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least) {
      throw new InvalidArgumentError(`A whole number from ${least} on is needed.`);
    }
    return value;
  };

export const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('A positive number is needed.');
  }
  return value;
};

/** 0 to 1. */
export const proportion = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('A share from 0 to 1 is needed.');
  }
  return value;
};

/** 0 to 0.5. */
export const share = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 0.5)) {
    throw new InvalidArgumentError('A share from 0 to 0.5 is needed.');
  }
  return value;
};
