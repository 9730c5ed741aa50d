import type { Message } from '../../text/say';
import { say, sayMessage } from '../../text/say';
import { Grid } from '../host/grid';
import { cornerstoneOf, type DisplaySet, type ExtensionParams } from '../host/ohif';
import { customization } from '../host/settings';
import { no, POSSIBLE } from '../keep/types';
import { HandInViews } from '../screen/handInViews';
import { Screen } from '../screen/screen';
import type { Place } from '../screen/sliceFinder';
import type { FindL3State, ViewerState, Writer } from '../state';
import { OpensItself } from './opensItself';
import {
  ATTRIBUTES,
  PLANES_TOOL_GROUP,
  PROTOCOL_IDS,
  type Arrangement,
  type Role,
} from './reviewProtocol';
import { NO_LAYOUT, type LayoutState } from './types';

/** How L3 can be shown now, or why not. */
type Plan =
  | {
      readonly arrangement: Arrangement;
      readonly place: Place;
      /** By Display Set Instance UID. */
      readonly roles: ReadonlyMap<string, Role>;
    }
  | { readonly arrangement: null; readonly why: Message };

/** What the layout is for, and what goes with it. */
export interface Reviewed {
  /** Where L3 is, or the candidate that is shown; null where there is neither. */
  readonly place: () => Place | null;
  /** Shows or hides every level beside the spine. */
  readonly toggleLevels: () => void;
}

/**
 * The layout Review L3 of what was found, left open or saved: sagittal, coronal and axial at L3. It is
 * opened and left by the host's own switch between layouts, which brings the former one back.
 */
export class ReviewLayout {
  private readonly writer: Writer<Pick<FindL3State, 'layout'>>;
  private reviewed: Reviewed | null = null;
  private screen: Screen | null = null;
  private plan: Plan | null = null;
  private seen = '';
  private hasShownLevels = false;
  private ends: readonly (() => void)[] = [];

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: ViewerState,
  ) {
    this.writer = state.writer('layout');
    const { hangingProtocolService } = this.services;
    hangingProtocolService?.addCustomAttribute?.(
      ATTRIBUTES.planes,
      'Find L3: series that can be cut in planes at L3',
      (displaySet) => this.planesOf(displaySet),
    );
    hangingProtocolService?.addCustomAttribute?.(
      ATTRIBUTES.role,
      'Find L3: what a series is to the review of L3',
      ({ displaySetInstanceUID }) => this.roleOf(displaySetInstanceUID),
    );
  }

  /** Starts to follow what there is to review. */
  enter(reviewed: Reviewed): void {
    this.reviewed = reviewed;
    this.screen = new Screen(this.params);
    this.ends = [
      new Grid(this.services).onChange(() => this.refresh(true)),
      this.state.subscribe(() => this.refresh()),
    ];
    if (customization(this.services.customizationService, 'findL3.reviewLayout')) {
      this.ends = [...this.ends, this.openingItself(this.screen)];
    }
    this.refresh(true);
  }

  leave(): void {
    for (const end of this.ends) end();
    this.ends = [];
    this.reviewed = null;
    this.screen = null;
    this.plan = null;
    this.seen = '';
    this.hasShownLevels = false;
    this.writer.reset();
  }

  /** Opens the layout, or leaves it for the one that was there before; else says why it cannot be had. */
  toggle(): void {
    this.refresh(true);
    const open = this.openProtocol();
    if (open) return this.switch(open);
    const { plan } = this;
    if (plan?.arrangement) return this.switch(PROTOCOL_IDS[plan.arrangement]);
    const message = plan ? sayMessage(plan.why) : say('layout.nothing');
    this.services.uiNotificationService.show({ title: say('title'), message, type: 'info' });
  }

  private openingItself(screen: Screen): () => void {
    const hand = new HandInViews(screen);
    const itself = new OpensItself(hand, () => {
      const { offer, isOpen } = this.state.get().layout;
      if (offer?.possible && !isOpen) this.toggle();
    });
    const unsubscribe = this.state.subscribe(() => itself.look(this.state.get()));
    return () => {
      unsubscribe();
      itself.end();
      hand.end();
    };
  }

  private switch(protocolId: string): void {
    void this.params.commandsManager.runCommand('toggleHangingProtocol', { protocolId });
  }

  /** @param isGrid the viewports have changed, or what they show */
  private refresh(isGrid = false): void {
    if (!this.reviewed) return;
    const place = this.reviewed.place();
    const seen = JSON.stringify(place && [place.displaySetInstanceUID, place.pointLpsMm]);
    if (!isGrid && seen === this.seen) return;
    this.seen = seen;
    this.plan = place && this.planFor(place);
    const isOpen = this.openProtocol() !== null;
    const offer = this.plan && (this.plan.arrangement ? POSSIBLE : no(this.plan.why.key));
    const layout: LayoutState = offer || isOpen ? { offer, isOpen } : NO_LAYOUT;
    const { layout: before } = this.state.get();
    if (JSON.stringify(layout) === JSON.stringify(before)) return;
    this.writer.set({ layout });
    if (layout.isOpen !== before.isOpen) this.followLevels(layout.isOpen);
  }

  /** The levels are drawn while the layout is open; a person who had them drawn before keeps them. */
  private followLevels(isOpen: boolean): void {
    const { ruler } = this.state.get().marking;
    if (isOpen ? !ruler : ruler && this.hasShownLevels) this.reviewed?.toggleLevels();
    this.hasShownLevels = isOpen && !ruler;
  }

  private planFor(place: Place): Plan | null {
    const { displaySetService } = this.services;
    const own = displaySetService.getDisplaySetByUID(place.displaySetInstanceUID);
    if (!own || !this.screen) return null;
    const axial = this.screen.axialNote(place);
    if (axial?.kind === 'cut') {
      const roles = new Map<string, Role>([
        [own.displaySetInstanceUID, 'own'],
        [axial.displaySetInstanceUID, 'axial'],
      ]);
      return { arrangement: 'stacks', place, roles };
    }
    const why = (key: Message['key']): Plan => ({ arrangement: null, why: { key } });
    if (!own.isReconstructable) return why(axial ? 'layout.noAxial' : 'layout.noPlanes');
    const { ToolGroupManager } = cornerstoneOf(this.params.extensionManager).cornerstoneTools;
    if (!ToolGroupManager.getToolGroup(PLANES_TOOL_GROUP)) return why('layout.notInMode');
    const roles = new Map<string, Role>([[own.displaySetInstanceUID, 'own']]);
    return { arrangement: own.Modality === 'MR' ? 'MR' : 'CT', place, roles };
  }

  private planesOf(displaySet: DisplaySet): string {
    const { plan, screen } = this;
    if (!plan?.arrangement || plan.arrangement === 'stacks' || !screen) return '';
    const isShown = displaySet.isReconstructable && screen.sharesFrame(displaySet, plan.place);
    return isShown && displaySet.Modality === plan.arrangement ? plan.arrangement : '';
  }

  private roleOf(displaySetInstanceUID: string): Role {
    return (this.plan?.arrangement && this.plan.roles.get(displaySetInstanceUID)) || '';
  }

  /** The one of our protocols that the viewer shows. */
  private openProtocol(): string | null {
    const id = this.services.hangingProtocolService?.getState?.()?.protocolId ?? '';
    return Object.values(PROTOCOL_IDS).includes(id) ? id : null;
  }

  private get services() {
    return this.params.servicesManager.services;
  }
}
