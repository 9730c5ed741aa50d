import { sayMessage } from './text/say';
import { EVALUATOR_NAME } from './viewer/host/hostEntries';
import type { FindL3Viewer } from './viewer/findL3Viewer';

/** Enables the toolbar button or says why it is disabled, and how the last search stands. */
export function getToolbarModule(viewer: FindL3Viewer) {
  return [
    {
      name: EVALUATOR_NAME,
      evaluate: ({ viewportId }: { viewportId?: string } = {}) => {
        const why = viewer.session.obstacle({ viewportId });
        const look = viewer.button;
        return why
          ? { ...look, disabled: true, disabledText: sayMessage(why) }
          : { ...look, disabled: false };
      },
    },
  ];
}
