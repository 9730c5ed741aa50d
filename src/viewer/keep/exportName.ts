/** Longest part of a name that comes from a header. */
const LONGEST = 64;

/**
 * The name of a file about a study: `find-l3_STUDY_WHAT.EXTENSION`, of letters, digits, dots and
 * hyphens alone, so that it is a name everywhere.
 *
 * @param study accession number or Study Instance UID; none: of several studies
 */
export function exportName(study: string | null, what: readonly string[], extension: string) {
  const parts = [study ?? '', ...what].map(safe).filter((part) => part !== '');
  return `${['find-l3', ...parts].join('_')}.${extension}`;
}

function safe(text: string): string {
  return text
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^[.-]+|[.-]+$/g, '');
}
