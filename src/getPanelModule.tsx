import React from 'react';
import { FindL3Panel } from './panel/FindL3Panel';
import { island } from './panel/island';
import { PANEL_NAME } from './viewer/hostEntries';
import type { CommandsManager } from './viewer/ohif';
import type { FindL3Session } from './viewer/session';

export function getPanelModule(session: FindL3Session, commandsManager: CommandsManager) {
  const run = (command: string, options: Readonly<Record<string, unknown>> = {}) => {
    void commandsManager.runCommand(command, options);
  };
  const Content = () => <FindL3Panel state={session.state} run={run} />;
  return [
    {
      name: PANEL_NAME,
      iconName: 'tool-referenceLines',
      iconLabel: 'Find L3',
      label: 'Find L3',
      component: island(Content),
    },
  ];
}
