import { SingleBar } from 'cli-progress';
import type { Progress } from '../projection/types';

const STAGES: Record<Progress['stage'], string> = {
  model: 'opening the model',
  reading: 'reading slices',
  projecting: 'projecting',
  inference: 'running the model',
  decoding: 'naming the levels',
};

export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Progress on stderr: a bar on a terminal, otherwise one plain line a stage. */
export class ProgressLines {
  private readonly bar: SingleBar | null;
  private lastPlain = '';

  constructor(private readonly stream: ProgressStream) {
    this.bar = stream.isTTY
      ? new SingleBar({
          stream,
          format: '{name} {stage} [{bar}] {counter}',
          clearOnComplete: true,
          hideCursor: true,
          barsize: 24,
        })
      : null;
  }

  /** Shows how far a stage has got; `of` is 0 when the total is not known. */
  show(name: string, stage: Progress['stage'] | 'looking through files', done = 0, of = 0): void {
    const text = stage in STAGES ? STAGES[stage as Progress['stage']] : stage;
    if (this.bar) {
      const payload = { name, stage: text, counter: of > 0 ? `${done}/${of}` : '' };
      if (!this.bar.isActive) this.bar.start(Math.max(1, of), done, payload);
      this.bar.setTotal(Math.max(1, of));
      this.bar.update(done, payload);
      return;
    }
    const plain = `${name}: ${text}${of > 1 ? ` (${of})` : ''}\n`;
    if (plain !== this.lastPlain) this.stream.write(plain);
    this.lastPlain = plain;
  }

  /** Takes the bar away, so that other text can be written. */
  clear(): void {
    if (this.bar?.isActive) this.bar.stop();
    this.lastPlain = '';
  }
}
