/** The panel's footer, where what was done last with the marks can be read. */
const FOOTER = '[data-cy="find-l3-footer"]';

/**
 * Whether the panel's footer is on screen. The host's notifications would cover its buttons, and say
 * what stands there already.
 */
export function isFooterInSight(): boolean {
  const boxes = [...document.querySelectorAll(FOOTER)].map((one) => one.getBoundingClientRect());
  return boxes.some(({ width, left }) => width > 0 && left < window.innerWidth);
}
