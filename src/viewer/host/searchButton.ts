import { say, type TextKey } from '../../text/say';

/** How the last search stands, as it is told outside the panel. */
export type Standing = 'running' | 'found' | 'undetermined' | 'refused' | 'failed';

const STYLE_ID = 'find-l3-search-button';
const CLASS = 'find-l3-search';
const BADGES: Readonly<Record<Exclude<Standing, 'running'>, readonly [string, string]>> = {
  found: ['✓', '#6fcf8e'],
  undetermined: ['?', '#ffb454'],
  refused: ['!', '#ffb454'],
  failed: ['!', '#ff7a70'],
};
/** Lower right; what is not saved has its dot above. */
const BADGE = `position: absolute; right: 1px; bottom: 1px; width: 14px; height: 14px; border-radius: 50%;
  font: 700 10px/14px system-ui, sans-serif; text-align: center; pointer-events: none;`;
const RULES = `[class*='${CLASS}-'] { position: relative; }
${Object.entries(BADGES)
  .map(
    ([standing, [sign, colour]]) =>
      `.${CLASS}-${standing}::before { ${BADGE} content: '${sign}'; background: ${colour}; color: #04122b; }`,
  )
  .join('\n')}
.${CLASS}-running::before { ${BADGE} content: ''; border: 2px solid #5acce6; border-top-color: transparent;
  animation: find-l3-turn 1s linear infinite; }
@keyframes find-l3-turn { to { transform: rotate(360deg); } }
@media (prefers-reduced-motion: reduce) { .${CLASS}-running::before { animation: none; } }`;

/**
 * What the host's button looks like and says beside its name: how the last search stands, and the key.
 *
 * @param standing null where nothing was searched
 * @param keys of the command, in the host's notation; [] for none
 */
export function searchButton(
  standing: Standing | null,
  keys: readonly string[],
): { readonly className: string; readonly tooltip: string } {
  addStyle();
  const tells: TextKey =
    standing && standing !== 'running' ? `button.${standing}` : 'search.tooltip';
  const [key] = keys;
  const text = say(tells);
  return {
    // The host keeps the last class where none is named.
    className: `${CLASS}-${standing ?? 'none'}`,
    tooltip: key ? say('button.withKey', { text, key: keyName(key) }) : text,
  };
}

/** 'shift+l' as a person reads it: 'Shift+L'. */
export function keyName(key: string): string {
  return key
    .split('+')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('+');
}

function addStyle(): void {
  if (document.getElementById(STYLE_ID)) return;
  const style = document.createElement('style');
  style.id = STYLE_ID;
  style.textContent = RULES;
  document.head.append(style);
}
