import { Random } from './random';

/** What became of one input. */
export type Outcome = 'accepted' | 'refused';

/** Inputs of one kind, and how they are read. */
export interface Kind {
  readonly name: string;
  /** Inputs of a long run. */
  readonly count: number;
  /** Bytes or a tree made by chance alone, for a failing one to be kept. */
  make(random: Random): unknown;
  /**
   * Reads an input as the program does.
   *
   * @throws Unexplained, or whatever a reader lets through, when it ends otherwise than with an answer
   *   or an error that a person can act on.
   */
  read(input: unknown): Promise<Outcome>;
  /** Reads a healthy input. @throws when it is not read as ever */
  healthy(): Promise<void>;
}

/** An error that tells nobody what is wrong and what to do. */
export class Unexplained extends Error {
  override readonly name = 'Unexplained';
}

export interface Failure {
  readonly seed: number;
  readonly error: string;
}

export interface Report {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly failures: readonly Failure[];
}

/** What inputs may cost. */
export interface Budget {
  /** Of the processor, for each input. */
  readonly seconds: number;
  /** By which the process may grow, in all. */
  readonly bytes: number;
}

/** Reads so many inputs of a kind; after each that is refused, a healthy one. */
export async function fuzz(
  kind: Kind,
  count: number,
  { firstSeed = 1, budget }: { readonly firstSeed?: number; readonly budget?: Budget } = {},
): Promise<Report> {
  const outcomes = { accepted: 0, refused: 0 };
  const failures: Failure[] = [];
  await kind.healthy();
  const before = process.memoryUsage().rss;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const input = kind.make(new Random(seed));
    const start = process.cpuUsage();
    try {
      const outcome = await kind.read(input);
      outcomes[outcome]++;
      if (budget) {
        const { user, system } = process.cpuUsage(start);
        const seconds = (user + system) / 1e6;
        if (seconds > budget.seconds) throw new Unexplained(`took ${seconds} s`);
        const grown = process.memoryUsage().rss - before;
        if (grown > budget.bytes) throw new Unexplained(`memory has grown by ${grown} bytes`);
      }
      if (outcome === 'refused') await kind.healthy();
    } catch (error) {
      failures.push({ seed, error: error instanceof Error ? (error.stack ?? '') : String(error) });
      if (failures.length === 20) break;
    }
  }
  return { outcomes, failures };
}
