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

const shareUpTo =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= 0 && value <= most)) {
      throw new InvalidArgumentError(`A share from 0 to ${most} is needed.`);
    }
    return value;
  };

export const proportion = shareUpTo(1);
/** Of what is put aside: never more than what is left. */
export const share = shareUpTo(0.5);
