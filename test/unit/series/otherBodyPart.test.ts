import { describe, expect, test } from '@jest/globals';
import { otherBodyPart } from '../../../src/series/otherBodyPart';

describe('a header that names another part of the body', () => {
  test.each([
    ['KNEE', {}],
    ['Kniegelenk rechts', {}],
    ['MR KNIE LI NATIV', {}],
    ['IRM genou droit', {}],
    ['RM rodilla', {}],
    ['HEAD', {}],
    ['Schädel nativ', {}],
    ['cMRT Gehirn', {}],
    ['头部平扫', {}],
    ['左膝关节', {}],
    ['HWS sagittal', {}],
    ['C-Spine w/o', { isSpine: true }],
    ['prostata mpMRI', {}],
    ['LEFT FOOT', {}],
    ['t1_tse_sag_ankle', {}],
    ['BREAST', {}],
  ])('%s', (text, { isSpine = false }: { isSpine?: boolean }) => {
    for (const key of [
      'bodyPartExamined',
      'studyDescription',
      'seriesDescription',
      'protocolName',
    ] as const) {
      // "Spine" may be the lumbar one: a neck's is not told from it by its word alone.
      expect(otherBodyPart({ [key]: ` ${text} ` })).toBe(isSpine ? null : text);
    }
  });

  test.each([
    'ABDOMEN',
    'CHEST',
    'CT Thorax/Abdomen',
    'LSPINE',
    'LWS sag T2',
    'L-SPINE',
    'Lumbar spine',
    'PELVIS',
    'Whole Body',
    'legacy protocol',
    'army protocol',
    'handled by radiology',
    'Standard',
    'AXIAL 5MM',
    'oral contrast',
    '腰椎',
    '胸腹部平扫',
    '',
  ])('%s does not', (text) => {
    expect(otherBodyPart({ bodyPartExamined: text })).toBeNull();
  });

  test('says nothing where another text names what may hold a lumbar spine', () => {
    const head = { bodyPartExamined: 'HEAD' };
    expect(otherBodyPart(head)).toBe('HEAD');
    expect(otherBodyPart({ ...head, studyDescription: 'CT ABDOMEN' })).toBeNull();
    expect(otherBodyPart({ ...head, seriesDescription: 'Lendenwirbelsäule' })).toBeNull();
    expect(otherBodyPart({})).toBeNull();
  });
});
