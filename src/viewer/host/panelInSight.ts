import type { Services } from './ohif';

/** The host's icon of the panel, named by the panel's name. */
const ICON = '[data-cy="findL3-btn"]';
/** The panel, and its footer, where what was done last with the marks can be read. */
const PANEL = '[data-cy="find-l3-panel"]';
const FOOTER = '[data-cy="find-l3-footer"]';

/**
 * Whether the panel's footer is on screen. The host's notifications would cover its buttons, and say
 * what stands there already.
 */
export function isFooterInSight(): boolean {
  return isInSight(FOOTER);
}

/** Whether the panel is on screen: not closed, and not behind another one. */
export function isPanelInSight(): boolean {
  return isInSight(PANEL);
}

/**
 * Opens the panel for a person who asks for it. The host's service does not open a side that somebody has
 * closed by hand; the panel's own icon beside it does.
 */
export function openPanel({ panelService }: Services, panelId: string): void {
  panelService.activatePanel(panelId, true);
  requestAnimationFrame(() => {
    if (!isPanelInSight()) document.querySelector<HTMLElement>(ICON)?.click();
  });
}

function isInSight(selector: string): boolean {
  const boxes = [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
  return boxes.some(({ width, left }) => width > 0 && left < window.innerWidth);
}
