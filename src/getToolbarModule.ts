import { sayMessage } from './text/say';
import { EVALUATOR_NAME } from './viewer/host/hostEntries';
import type { FindL3Session } from './viewer/search/session';

/** Enables the toolbar button, or disables it and says why. */
export function getToolbarModule(session: FindL3Session) {
  return [
    {
      name: EVALUATOR_NAME,
      evaluate: ({ viewportId }: { viewportId?: string } = {}) => {
        const why = session.obstacle({ viewportId });
        return why ? { disabled: true, disabledText: sayMessage(why) } : { disabled: false };
      },
    },
  ];
}
