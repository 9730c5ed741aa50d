/**
 * What failed about a model: its manifest, getting its files, their SHA-256, the runtime that
 * should run it, the known answer it must give, the picture it was given, or what it answered.
 */
export type ModelErrorCode =
  'manifest' | 'download' | 'checksum' | 'runtime' | 'known-answer' | 'input' | 'output';

/** A model that cannot be used, or an answer that cannot be trusted; the message is for people. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
