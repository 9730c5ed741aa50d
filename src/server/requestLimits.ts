/** How much and how long one request to the server may take: bytes and milliseconds. */
export interface RequestLimits {
  /** Bytes of one store request, which goes to disk as it comes. */
  readonly uploadBytes: number;
  /** Instances of one store request. */
  readonly uploadParts: number;
  /** How long a client that is sending may say nothing. */
  readonly clientSilentMs: number;
  /** How long a PACS that is asked, or is answering, may say nothing. */
  readonly pacsSilentMs: number;
  /** How long one request may take to come, however it is dripped. */
  readonly requestMs: number;
}

export const REQUEST_LIMITS: RequestLimits = {
  uploadBytes: 4 * 1024 ** 3,
  uploadParts: 20_000,
  clientSilentMs: 60_000,
  pacsSilentMs: 120_000,
  requestMs: 30 * 60_000,
};
