import { REASON_CODES, reason } from '../../../src/reasons/reasons';

const EVERY_VALUE = Object.fromEntries(
  [
    'count',
    'of',
    'extentMm',
    'degrees',
    'limit',
    'detail',
    'gapMm',
    'spacingMm',
    'minMm',
    'maxMm',
    'modality',
    'percent',
    'least',
    'searched',
    'others',
    'why',
    'text',
  ].map((name) => [name, `<${name}>`]),
);

describe('reasons', () => {
  it.each(REASON_CODES.map((code) => [code]))('%s says what is wrong and what to do', (code) => {
    const { message, advice } = reason(code, EVERY_VALUE);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
    expect(message + advice).not.toMatch(/[{}]/);
  });

  it('does not leave a hole where a value was forgotten', () => {
    expect(() => reason('missing-slices', { gapMm: 10 })).toThrow(/spacingMm/);
  });
});
