import React from 'react';
import { FindL3Panel } from './panel/FindL3Panel';
import type { FindL3Viewer } from './viewer/findL3Viewer';
import { say } from './text/say';
import { PANEL_NAME } from './viewer/host/hostEntries';
import type { CommandsManager } from './viewer/host/ohif';

/** Makes of a component of ours one that the host can render. */
export type Mount = (Content: React.ComponentType) => React.ComponentType;

export function getPanelModule(
  { state }: FindL3Viewer,
  commandsManager: CommandsManager,
  mount: Mount,
) {
  const run = (command: string, options: Readonly<Record<string, unknown>> = {}) => {
    void commandsManager.runCommand(command, options);
  };
  const Content = () => <FindL3Panel state={state} run={run} />;
  return [
    {
      name: PANEL_NAME,
      iconName: 'tool-referenceLines',
      get iconLabel() {
        return say('title');
      },
      get label() {
        return say('title');
      },
      component: mount(Content),
    },
  ];
}
