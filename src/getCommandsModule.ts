import type { LevelName } from './levels/types';
import type { FindL3Session } from './viewer/session';
import type { TargetOptions } from './viewer/target';

/**
 * The commands of Find L3. Each takes one options object and works without it; options that it does
 * not know (the toolbar and hotkeys add their own) are ignored.
 */
export function getCommandsModule(session: FindL3Session) {
  const actions = {
    /**
     * Searches L3, jumps to it, marks it. Without options: in the active viewport's series.
     *
     * @returns a promise of the finding, or of null when nothing was searched, the search failed, or
     * it was cancelled
     */
    findL3: ({ viewportId, displaySetInstanceUID }: TargetOptions = {}) =>
      session.find({ viewportId, displaySetInstanceUID }),
    /** Cancels the search that runs. */
    cancelFindL3: () => session.cancel(),
    /** Shows a level of the last answer; L3 when none is named. */
    jumpToLevel: ({ level }: { level?: LevelName } = {}) => session.showLevel(level),
    /** Shows an alternative of the last answer; the first when none is named. */
    showAlternative: ({ index = 0 }: { index?: number } = {}) => session.showAlternative(index),
    /** Shows the axial slice of the study that cuts what is shown of a sagittal (MR) answer. */
    showAxialSlice: () => session.showAxialSlice(),
    /** Moves the L3 mark to the level or alternative that was shown last. */
    markShownLevel: () => session.markShown(),
  };
  const definitions = Object.fromEntries(
    Object.entries(actions).map(([name, commandFn]) => [name, { commandFn }]),
  );
  return { actions, definitions, defaultContext: 'CORNERSTONE' };
}
