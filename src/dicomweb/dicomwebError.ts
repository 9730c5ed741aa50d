/** What a PACS did not do, in words. */
export class DicomwebError extends Error {
  /** Of the PACS' answer; null where it gave none. */
  readonly status: number | null;

  constructor(
    /** `login`: it wants other credentials; `unreached`: it gave no answer, however often it was asked. */
    readonly kind: 'login' | 'unreached' | 'refused',
    message: string,
    /** What to do about it. */
    readonly advice: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(message, options);
    this.name = 'DicomwebError';
    this.status = options?.status ?? null;
  }
}
