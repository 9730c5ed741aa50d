import { createHmac } from 'node:crypto';
import { personKey } from '../../../src/corrections/personKey';

const SALT = 'a salt that stays in the hospital';

describe('personKey', () => {
  it('is HMAC-SHA-256 with the salt, cut to 16 digits', () => {
    const wanted = createHmac('sha256', SALT).update('["ward","4711"]').digest('hex').slice(0, 16);
    expect(personKey({ patientId: ' 4711 ', issuer: 'ward', salt: SALT })).toBe(wanted);
  });

  it('links one person and parts two, and different salts part everybody', () => {
    const key = (patientId: string, salt = SALT) => personKey({ patientId, salt });
    expect(key('4711')).toBe(key('4711'));
    expect(key('4711')).not.toBe(key('4712'));
    expect(key('4711')).not.toBe(key('4711', `${SALT}!`));
    expect(() => key('4711', 'short')).toThrow(/5 characters; 16 or more/);
    expect(() => key(' ')).toThrow(/no patient ID/);
  });
});
