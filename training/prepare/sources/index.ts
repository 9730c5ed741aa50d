import { corrections } from './corrections';
import { csv } from './csv';
import { lists } from './lists';
import { mrSpineSeg } from './mrSpineSeg';
import { pacs } from './pacs';
import type { Source } from './source';
import { totalSegmentator } from './totalSegmentator';
import { verse } from './verse';

/** Every kind of labelled data that `prepare` reads, by the name it has on the command line. */
export const SOURCES: Readonly<Record<string, Source>> = {
  list: lists,
  verse,
  mrspineseg: mrSpineSeg,
  totalsegmentator: totalSegmentator,
  csv,
  corrections,
  pacs,
};
