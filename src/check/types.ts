/** One thing that was asked of a deployed viewer. `id` stays the same from release to release. */
export interface Check {
  readonly id: string;
  /** `warning`: it works, but not as well or as safely as it could; `skipped`: could not be asked. */
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was seen. */
  readonly text: string;
  /** What to do; empty where all is well. */
  readonly advice: string;
}

/** What a server said to one request, or why it said nothing. */
export interface Answer {
  readonly url: string;
  /** 0 where there was no answer. */
  readonly status: number;
  /** Why there was no answer, in words; empty where there was one. */
  readonly failure: string;
  /** Media type without parameters, in small letters. */
  readonly type: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly text: string;
}
