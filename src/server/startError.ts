/** Why the server cannot start; `message` is one line that says what is wrong and what to do. */
export class StartError extends Error {
  override name = 'StartError';
}
