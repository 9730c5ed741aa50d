import { percent } from '../../reasons/percent';
import { say, sayReason } from '../../text/say';
import type { UINotificationService } from '../host/ohif';
import { isPanelInSight } from '../host/panelInSight';
import { explain } from '../host/problem';
import type { Standing } from '../host/searchButton';
import type { FindL3State, Search, Watched } from '../state';

/** A panel that has just been opened is there by then, ms. */
const PANEL_OPENS_IN_MS = 600;
const SHOWN_MS = 30_000;
const TONES = {
  found: 'success',
  undetermined: 'warning',
  refused: 'warning',
  failed: 'error',
} as const;

/** How a search that somebody waits for stands; null: there is none. */
export function standingOf(search: Search): Standing | null {
  if ('isQuiet' in search && search.isQuiet) return null;
  if (search.phase === 'answered') return search.finding.status;
  return search.phase === 'running' || search.phase === 'failed' ? search.phase : null;
}

/** Tells the end of a search by a notice of the host's where the panel, which tells it, is not in sight. */
export class OutcomeNews {
  private told: Search | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly unsubscribe: () => void;

  /** @param openPanel what the notice offers to do */
  constructor(
    private readonly state: Watched<FindL3State>,
    private readonly notices: UINotificationService,
    private readonly openPanel: () => void,
  ) {
    this.unsubscribe = state.subscribe(() => this.look());
  }

  end(): void {
    clearTimeout(this.timer);
    this.unsubscribe();
  }

  private look(): void {
    const { search } = this.state.get();
    const standing = standingOf(search);
    if (search === this.told) return;
    this.told = search;
    clearTimeout(this.timer);
    if (standing === null || standing === 'running') return;
    this.timer = setTimeout(() => this.tell(search, standing), PANEL_OPENS_IN_MS);
  }

  private tell(search: Search, standing: Exclude<Standing, 'running'>): void {
    if (isPanelInSight()) return;
    this.notices.show({
      title: say('title'),
      message: messageOf(search),
      type: TONES[standing],
      duration: SHOWN_MS,
      action: { label: say('news.open'), onClick: this.openPanel },
    });
  }
}

function messageOf(search: Search): string {
  if (search.phase === 'failed') {
    const { message, advice } = explain(search.error);
    return `${say('answer.spokenNot', { what: say('search.failed'), why: message })} ${advice}`;
  }
  if (search.phase !== 'answered') return '';
  const { finding } = search;
  if (finding.status === 'found') {
    return say('news.found', { percent: percent(finding.l3.probability) });
  }
  const what = say(finding.status === 'refused' ? 'answer.refused' : 'answer.undetermined');
  const { message, advice } = sayReason(finding.reason);
  return `${say('answer.spokenNot', { what, why: message })} ${advice}`;
}
