import { SingleBar } from 'cli-progress';
import type { BatchProgress, Status } from '../batch/progress';
import type { ProgressStream } from './progress';

const ON_TERMINAL = 500;
const IN_LOG = 60_000;
/** Of the bar; the share of files done is finer than the number of series. */
const STEPS = 1000;

/** Shows how far a batch has got: a bar on a terminal, otherwise a line a minute. */
export class BatchMeter {
  private readonly bar: SingleBar | null;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stream: ProgressStream,
    private readonly progress: BatchProgress,
  ) {
    this.bar = stream.isTTY
      ? new SingleBar({
          stream,
          format: '[{bar}] {text}',
          clearOnComplete: true,
          hideCursor: true,
          linewrap: false,
          barsize: 20,
        })
      : null;
    this.bar?.start(STEPS, 0, { text: 'looking for the first series' });
    this.timer = setInterval(() => this.show(), this.bar ? ON_TERMINAL : IN_LOG);
  }

  stop(): void {
    clearInterval(this.timer);
    this.bar?.stop();
  }

  private show(): void {
    const text = progressText(this.progress);
    if (!this.bar) {
      this.stream.write(`${text}\n`);
      return;
    }
    const { filesDone, filesCounted, isCounted } = this.progress;
    const share = isCounted && filesCounted > 0 ? Math.min(1, filesDone / filesCounted) : 0;
    this.bar.update(Math.round(share * STEPS), { text });
  }
}

/** Rate, time that remains, and what came out so far, in one line. */
export function progressText(progress: BatchProgress): string {
  const { lines, perMinute, remainingMs } = progress;
  const rate = perMinute === null ? [] : [`${perMinute.toFixed(perMinute < 10 ? 1 : 0)} a minute`];
  const left = remainingMs === null ? [] : [`about ${durationText(remainingMs)} left`];
  return [countsText(lines), ...rate, ...left].join(', ');
}

export function countsText(counts: Readonly<Record<Status, number>>): string {
  const { found, undetermined, refused, failed } = counts;
  const all = found + undetermined + refused + failed;
  return `${all} series: ${found} found, ${undetermined} undetermined, ${refused} refused, ${failed} failed`;
}

function durationText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}
