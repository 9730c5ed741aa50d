import type { FakeHost } from './host';

/** The part of a match of the host's that is laid out. */
interface Matched {
  readonly viewportOptions: { readonly viewportType: string; readonly orientation?: string };
  readonly displaySetsInfo: readonly {
    readonly displaySetInstanceUID: string;
    readonly displaySetOptions: { readonly options: object };
  }[];
}

const NORMALS: Readonly<Record<string, [number, number, number]>> = {
  sagittal: [1, 0, 0],
  coronal: [0, 1, 0],
  axial: [0, 0, -1],
};

/**
 * The host's switch between layouts, around its own service, which matches the display sets: what that
 * service tells the grid to show is shown in fake viewports.
 */
export class FakeLayouts {
  /** How each viewport of the layout shows its series. */
  readonly options = new Map<string, object>();
  private before: readonly (() => void)[] | null = null;

  constructor(private readonly host: FakeHost) {
    const service = this.service;
    service.addProtocol('default', {
      id: 'default',
      protocolMatchingRules: [],
      displaySetSelectors: {},
      stages: [
        {
          viewportStructure: { layoutType: 'grid', properties: { rows: 1, columns: 1 } },
          viewports: [{ viewportOptions: { viewportId: 'default' }, displaySets: [] }],
        },
      ],
    });
    // Series go into any viewport here.
    service.getViewportsRequireUpdate = undefined;
    jest.spyOn(console, 'log').mockImplementation(() => {});
    this.host.commandsManager.createContext('DEFAULT');
    this.host.commandsManager.registerCommand('DEFAULT', 'toggleHangingProtocol', {
      commandFn: ({ protocolId }: { protocolId: string }) => this.toggle(protocolId),
    });
  }

  private get service() {
    return this.host.all.hangingProtocolService;
  }

  /** What the host's menu of layouts offers, by the active viewport's series. */
  presets(): { readonly id: string; readonly title: string; readonly isEnabled: boolean }[] {
    const [uid] = this.host.shownIn.get(this.host.activeViewportId!)!;
    type Protocol = { id: string; name: string; isPreset?: boolean; displaySetSelectors: object };
    const protocols = [...this.service.protocols.values()] as Protocol[];
    return protocols
      .filter(({ isPreset }) => isPreset)
      .map(({ id, name, displaySetSelectors }) => ({
        id,
        title: name,
        isEnabled: this.service.areRequiredSelectorsValid(
          Object.values(displaySetSelectors),
          this.host.displaySets.get(uid),
        ),
      }));
  }

  /** Whether a series may be dropped into the layout that is shown. */
  takes(displaySetInstanceUID: string): boolean {
    const { displaySetSelectors } = this.service.getActiveProtocol().protocol;
    const displaySet = this.host.displaySets.get(displaySetInstanceUID);
    return this.service.areRequiredSelectorsValid(Object.values(displaySetSelectors), displaySet);
  }

  run(protocolId: string): void {
    const displaySets = [...this.host.displaySets.values()];
    const activeStudy = { StudyInstanceUID: displaySets[0]?.StudyInstanceUID, displaySets };
    this.service.run({ studies: [activeStudy], displaySets, activeStudy }, protocolId);
  }

  private toggle(protocolId: string): void {
    if (this.service.getState()?.protocolId === protocolId) {
      for (const viewportId of this.host.viewports.keys()) this.host.remove(viewportId);
      this.run('default');
      this.before?.forEach((back) => back());
      this.before = null;
    } else {
      const { viewports, shownIn, activeViewportId } = this.host;
      this.before = [...viewports].map(([id, viewport]) => {
        const shown = shownIn.get(id)!;
        return () => {
          viewports.set(id, viewport);
          shownIn.set(id, shown);
          this.host.activeViewportId = activeViewportId;
        };
      });
      this.run(protocolId);
      for (const viewportId of [...viewports.keys()]) this.host.remove(viewportId);
      this.layOut();
    }
    this.host.broadcast('viewportGridService', 'GRID_STATE_CHANGED');
    this.host.broadcast('viewportGridService', 'VIEWPORTS_READY');
  }

  private layOut(): void {
    this.options.clear();
    const matched = this.service.getMatchDetails().viewportMatchDetails as Map<string, Matched>;
    for (const [viewportId, { viewportOptions, displaySetsInfo }] of matched) {
      const [{ displaySetInstanceUID: uid, displaySetOptions }] = displaySetsInfo;
      this.options.set(viewportId, displaySetOptions.options);
      const { viewportType, orientation } = viewportOptions;
      if (viewportType === 'volume') {
        this.host.addVolume(viewportId, uid, NORMALS[orientation!]);
      } else this.host.addStackOf(viewportId, uid);
    }
    this.host.activeViewportId = [...matched.keys()][0];
  }
}
