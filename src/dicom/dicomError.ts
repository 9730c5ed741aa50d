/** Why bytes cannot be read as DICOM. `message` says what is wrong, without a file's name. */
export class DicomError extends Error {
  constructor(
    what: string,
    /** What a person can do about it. */
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
    this.name = 'DicomError';
  }
}

export function damaged(what: string, options?: ErrorOptions): DicomError {
  return new DicomError(
    `the DICOM file is damaged or cut off: ${what}`,
    'Export or copy the file again.',
    options,
  );
}
