import { say } from '../../text/say';
import { explain, type Explanation } from '../host/problem';
import type { KeepNote } from './types';

/** What a note says, in the viewer's language; a good one advises nothing. */
export function noteText(note: KeepNote): Omit<Explanation, 'advice'> & { advice?: string } {
  switch (note.kind) {
    case 'saved':
      return { message: say('keep.saved', { count: note.count }) };
    case 'withdrawn':
      return { message: say('keep.savedNone') };
    case 'absent':
      return { message: say('keep.savedAbsent') };
    case 'restored': {
      const names = note.marks.map(({ label }) => label).join(say('list.comma'));
      return { message: say('keep.restored', { count: note.marks.length, names }) };
    }
    case 'unsaved-restored':
      return { message: say('unsaved.back') };
    case 'theirs':
      return { message: say('conflict.theirsTaken') };
    case 'conflict':
      return { message: say('conflict.notSaved') };
    case 'corrected':
      return { message: say('keep.corrected') };
    case 'failed':
      return explain(note.error);
  }
}

/** As the host shows a notification. */
export type Tone = 'info' | 'success' | 'warning' | 'error';

/** How a note is shown: only what is in the PACS or in a file now is a success. */
const TONES: Readonly<Record<KeepNote['kind'], Tone>> = {
  saved: 'success',
  withdrawn: 'success',
  absent: 'success',
  corrected: 'success',
  restored: 'info',
  theirs: 'info',
  'unsaved-restored': 'warning',
  conflict: 'warning',
  failed: 'error',
};

export function toneOf({ kind }: KeepNote): Tone {
  return TONES[kind];
}
