import { duration, print } from '../tools/print';
import type { StepReport } from './trainer';

const REPORT_EVERY = 10;

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
