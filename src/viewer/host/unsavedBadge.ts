/** Set on the page's root while something is not saved. */
const ATTRIBUTE = 'data-find-l3-unsaved';
const STYLE_ID = 'find-l3-unsaved-badge';
/** The host's toolbar button and the icon of the panel; both carry names of ours. */
const BUTTONS = ['FindL3-btn', 'findL3-btn'];

const RULES = `${BUTTONS.map((name) => `html[${ATTRIBUTE}] [data-cy="${name}"]`).join(', ')} { position: relative; }
${BUTTONS.map((name) => `html[${ATTRIBUTE}] [data-cy="${name}"]::after`).join(', ')} { content: '';
  position: absolute; top: 2px; right: 2px; width: 8px; height: 8px; border-radius: 50%;
  background: #ffb454; pointer-events: none; }`;

/** A dot on the host's buttons of Find L3 while something that a person did is not saved. */
export function showUnsavedBadge(isUnsaved: boolean): void {
  document.documentElement.toggleAttribute(ATTRIBUTE, isUnsaved);
  if (!isUnsaved || document.getElementById(STYLE_ID)) return;
  const style = document.createElement('style');
  style.id = STYLE_ID;
  style.textContent = RULES;
  document.head.append(style);
}
