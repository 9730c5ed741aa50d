import { say, sayMessage, type Message, type TextKey } from '../../text/say';

/** Said when it is shown, or a text that has no translation. */
type Text = Message | string;

/** A failure that a person can do something about. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    private readonly what: Text,
    private readonly toDo: Text,
    private readonly options: ErrorOptions & {
      /** What the program says, in English. */
      readonly detail?: string;
    } = {},
  ) {
    super(spoken(what), options);
  }

  /** What happened and what to do, in the viewer's language as it is now. */
  get explanation(): Explanation {
    const { detail } = this.options;
    return { message: spoken(this.what), advice: this.advice, ...(detail && { detail }) };
  }

  get advice(): string {
    return spoken(this.toDo);
  }
}

const MODEL_PROBLEMS: Readonly<Record<string, readonly [TextKey, TextKey]>> = {
  manifest: ['problem.manifest', 'problem.copyAdvice'],
  checksum: ['problem.checksum', 'problem.copyAdvice'],
  download: ['problem.download', 'problem.downloadAdvice'],
  runtime: ['problem.runtime', 'problem.runtimeAdvice'],
  'known-answer': ['problem.knownAnswer', 'problem.knownAnswerAdvice'],
  output: ['problem.output', 'problem.unexpectedAdvice'],
  input: ['problem.input', 'problem.unexpectedAdvice'],
};

/** What to tell a person about a failure. */
export interface Explanation {
  readonly message: string;
  readonly advice: string;
  /** What the program or the browser says, in English, for those who are asked for help. */
  readonly detail?: string;
}

/** What to tell a person about a failure, in the viewer's language. */
export function explain(error: unknown): Explanation {
  if (error instanceof Problem) return error.explanation;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'ReplacedError') {
    return { message: say('problem.replaced'), advice: say('problem.replacedAdvice'), detail };
  }
  const code = error instanceof Error && error.name === 'ModelError' && 'code' in error;
  const [what, advice] = (code && MODEL_PROBLEMS[String(error.code)]) || [
    'problem.unexpected' as const,
    'problem.unexpectedAdvice' as const,
  ];
  return { message: say(what), advice: say(advice), detail };
}

function spoken(text: Text): string {
  return typeof text === 'string' ? text : sayMessage(text);
}
