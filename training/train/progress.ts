import type { StepReport } from './trainer';

const REPORT_EVERY = 10;

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A line every few steps: loss, rate, remaining time. */
export class ProgressLine {
  private losses: number[] = [];
  private seconds: number[] = [];

  constructor(
    private readonly steps: number,
    private readonly first: number,
  ) {}

  add({ step, loss }: StepReport, seconds: number): void {
    this.losses.push(loss);
    this.seconds.push(seconds);
    if ((step - this.first) % REPORT_EVERY !== 0 && step !== this.steps) return;
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const pace = mean(this.seconds);
    print(
      `step ${step}/${this.steps}  loss ${mean(this.losses).toFixed(4)}  ${pace.toFixed(2)} s/step  ${duration((this.steps - step) * pace)} left`,
    );
    this.losses = [];
    this.seconds = [];
  }
}

/** @param seconds e.g. 5400 gives "1 h 30 min" */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
