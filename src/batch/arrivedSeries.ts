import type { PacsSeries } from '../dicomweb/search';
import type { SeriesChoice } from './pacsSource';
import type { Status } from './progress';

interface Known {
  /** Of its images. */
  readonly fingerprint: string;
  /** How many images the PACS said it has. */
  readonly instances: number | null;
  answered: boolean;
  failures: number;
  /** The number of the look at which it is tried again. */
  again: number;
}

/** After so many failures a series is tried again no more rarely, looks. */
const MOST_PATIENCE = 256;

/**
 * Takes every series of a PACS that is looked at again and again once it has the same images at two looks, and
 * again when it gets others. What failed is tried again ever more rarely.
 */
export class ArrivedSeries implements SeriesChoice {
  private readonly known = new Map<string, Known>();
  private look = 0;

  /** The next look begins. */
  lookAgain(): void {
    this.look++;
  }

  mayBeNew({ seriesInstanceUID, instances }: PacsSeries): boolean {
    const known = this.known.get(seriesInstanceUID);
    if (!known || instances === null || instances !== known.instances) return true;
    return !this.isSettled(known);
  }

  take(
    { seriesInstanceUID, instances }: PacsSeries,
    fingerprint: string,
  ): ((statuses: readonly Status[]) => void) | null {
    const known = this.known.get(seriesInstanceUID);
    if (known?.fingerprint !== fingerprint) {
      const arriving = { fingerprint, instances, answered: false, failures: 0, again: 0 };
      this.known.set(seriesInstanceUID, arriving);
      return null;
    }
    if (this.isSettled(known)) return null;
    return (statuses) => {
      known.answered = !statuses.includes('failed');
      if (known.answered) return;
      known.again = this.look + Math.min(MOST_PATIENCE, 2 ** known.failures++);
    };
  }

  private isSettled({ answered, again }: Known): boolean {
    return answered || this.look < again;
  }
}
