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
