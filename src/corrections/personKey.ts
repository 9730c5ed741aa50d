import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** A key that links the items of one person and says nothing about them; only `personKey` makes one. */
export type PersonKey = string & { readonly kind: 'PersonKey' };

/** Characters that a salt has at least. */
export const LEAST_SALT = 16;
const KEY_BYTES = 8;

/**
 * The pseudonym of a person: the first 16 hex digits of HMAC-SHA-256(salt, issuer and patient ID).
 *
 * A running number would not do: the same person, exported on two days or at two computers, would
 * count as two, and a model would be judged on someone it was trained on. A hash without a salt would
 * not do either: patient IDs are short, and all of them can be tried. So the salt must be the same for
 * all exports that are trained on together (the hospital's, from the admin's setting), and it must
 * never leave with them.
 *
 * @param salt secret, 16 characters or more
 * @throws Error when the salt is too short or there is no patient ID (use the Study Instance UID then:
 *   it does not leave either)
 */
export function personKey({
  patientId,
  issuer = '',
  salt,
}: {
  readonly patientId: string;
  /** Issuer of Patient ID (0010,0021), where there are several. */
  readonly issuer?: string;
  readonly salt: string;
}): PersonKey {
  if (salt.length < LEAST_SALT) {
    throw new Error(
      `The salt of the pseudonyms has ${salt.length} characters; ${LEAST_SALT} or more are needed.`,
    );
  }
  if (patientId.trim() === '') {
    throw new Error('There is no patient ID to make a pseudonym of.');
  }
  const who = utf8ToBytes(JSON.stringify([issuer.trim(), patientId.trim()]));
  return bytesToHex(
    hmac(sha256, utf8ToBytes(salt), who).subarray(0, KEY_BYTES),
  ) as string as PersonKey;
}

/** Whether a text has the form that `personKey` gives. */
export const isPersonKey = (text: unknown): text is PersonKey =>
  typeof text === 'string' && /^[0-9a-f]{16}$/.test(text);
