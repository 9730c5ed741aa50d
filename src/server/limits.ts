/** What the server waits for and takes: bytes and milliseconds. */
export interface ServerLimits {
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

export const SERVER_LIMITS: ServerLimits = {
  uploadBytes: 4 * 1024 ** 3,
  uploadParts: 20_000,
  clientSilentMs: 60_000,
  pacsSilentMs: 120_000,
  requestMs: 30 * 60_000,
};
