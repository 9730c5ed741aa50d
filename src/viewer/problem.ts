/** A failure that a person can do something about. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const MODEL_ADVICE: Readonly<Record<string, string>> = {
  manifest:
    'Ask whoever installed Find L3 to copy the model package again, complete and unchanged.',
  checksum:
    'Ask whoever installed Find L3 to copy the model package again, complete and unchanged.',
  download: 'Check the connection to the viewer’s server, then try again.',
  runtime: 'Try again in a current Chrome, Edge or Firefox; if it stays, report it with this text.',
  'known-answer':
    'Update the browser or the graphics driver, or try another browser; the computed values were wrong.',
};

const GENERAL_ADVICE = 'Try again; if it stays, report it with this text.';

/** What to tell a person about a failure: its message, and what to do. */
export function explain(error: unknown): { readonly message: string; readonly advice: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Problem) return { message, advice: error.advice };
  if (error instanceof Error && error.name === 'ModelError' && 'code' in error) {
    return { message, advice: MODEL_ADVICE[String(error.code)] ?? GENERAL_ADVICE };
  }
  return { message, advice: GENERAL_ADVICE };
}
