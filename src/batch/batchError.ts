/** What keeps a whole batch from starting or going on, in one line that says what to do. */
export class BatchError extends Error {
  constructor(
    message: string,
    /** Whether other arguments would help, rather than another state of disk or model. */
    readonly isUsage: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'BatchError';
  }
}

/** The text of what was thrown, in words where the system gives a code only. */
export function whyOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return 'no space left';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EROFS') return 'the disk is read-only';
  return error instanceof Error ? error.message : String(error);
}
