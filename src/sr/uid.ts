const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_ROOT = '2.25.';
const LARGEST_UUID = 2n ** 128n - 1n;

/**
 * A UUID as a DICOM UID: 2.25 and the same number in decimal (PS3.5 B.2). The way back is `uuidOf`.
 *
 * @throws Error for a text that is no UUID
 */
export function uidOf(uuid: string): string {
  if (!UUID.test(uuid)) throw new Error(`${JSON.stringify(uuid)} is no UUID`);
  return `${UUID_ROOT}${BigInt(`0x${uuid.replaceAll('-', '')}`)}`;
}

/** The UUID that a UID of the 2.25 root is made of; null for any other UID. */
export function uuidOf(uid: string): string | null {
  if (!/^2\.25\.(0|[1-9]\d{0,38})$/.test(uid)) return null;
  const number = BigInt(uid.slice(UUID_ROOT.length));
  if (number > LARGEST_UUID) return null;
  const hex = number.toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
