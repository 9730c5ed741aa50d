import { PALETTE } from '../picture/palette';

/**
 * The panel's own style, scoped under its root class. Colours are OHIF's theme variables where the
 * host defines them (3.9 and later), with OHIF's dark values otherwise.
 */
const theme = (name: string, otherwise: string) => `hsl(var(--${name}, ${otherwise}))`;

const foreground = theme('foreground', '0 0% 98%');
const quiet = theme('muted-foreground', '214 40% 72%');
const primary = theme('primary', '214 98% 60%');
const surface = theme('neutral-dark', '214 16% 21%');
const page = theme('background', '0 0% 0%');
const hovered = theme('accent', '217 79% 24%');
/** As the host's own filled button. */
const filled = 'hsl(var(--primary, 214 98% 60%) / 0.6)';
const onFilled = theme('primary-foreground', '0 0% 98%');
const ring = theme('ring', '214 98% 60%');
const { l3 } = PALETTE;
const warning = '#ffb454';
const raised = theme('popover', '219 90% 15%');
const line = theme('input', '236 52% 30%');

export const ROOT_CLASS = 'find-l3-panel';

export const STYLE = `
.${ROOT_CLASS} { box-sizing: border-box; display: flex; flex-direction: column; height: 100%;
  color: ${foreground}; font-size: 13px; line-height: 1.4; font-variant-numeric: tabular-nums; }
.${ROOT_CLASS} .middle { position: relative; flex: 1 1 0; min-height: 0; }
.${ROOT_CLASS} .content { container-type: size; }
.${ROOT_CLASS} .content, .${ROOT_CLASS} .card { height: 100%; overflow-y: auto; padding: 8px 10px 12px;
  scrollbar-width: thin; scrollbar-gutter: stable; scrollbar-color: ${surface} transparent; }
.${ROOT_CLASS} *, .${ROOT_CLASS} *::before { box-sizing: border-box; }
.${ROOT_CLASS} p, .${ROOT_CLASS} h2, .${ROOT_CLASS} h3, .${ROOT_CLASS} ul, .${ROOT_CLASS} dl,
.${ROOT_CLASS} dd { margin: 0; padding: 0; list-style: none; }
.${ROOT_CLASS} .quiet { color: ${quiet}; }
.${ROOT_CLASS} .head { display: flex; align-items: flex-start; gap: 8px; }
.${ROOT_CLASS} .head .links { flex: none; display: flex; flex-direction: column; align-items: flex-end; }
.${ROOT_CLASS} .series { flex: 1 1 auto; min-width: 0; font-size: 12px; }
.${ROOT_CLASS} .series > * { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.${ROOT_CLASS} .series .why { white-space: normal; overflow-wrap: anywhere; }
.${ROOT_CLASS} .series strong { font-weight: 600; }
.${ROOT_CLASS} button { font: inherit; color: ${foreground}; background: none;
  border: 1px solid ${line}; border-radius: 4px; padding: 4px 10px; cursor: pointer; }
.${ROOT_CLASS} button:hover:not(:disabled, [aria-disabled='true']) { background: ${hovered}; }
.${ROOT_CLASS} button:focus-visible { outline: 2px solid ${ring}; outline-offset: 1px; }
.${ROOT_CLASS} button:disabled { opacity: 0.45; cursor: not-allowed; }
.${ROOT_CLASS} button.main { width: 100%; height: 32px; margin-top: 8px; font-weight: 600; }
.${ROOT_CLASS} button.main.start, .${ROOT_CLASS} .standing button.main { background: ${filled}; color: ${onFilled};
  border-color: transparent; }
.${ROOT_CLASS} :is(button.main.start, .standing button.main):hover:not(:disabled, [aria-disabled='true']) {
  background: ${primary}; }
.${ROOT_CLASS} .standing button.main.done { background: none; border-color: ${line}; color: ${quiet}; }
.${ROOT_CLASS} .standing button.main.done:hover:not(:disabled, [aria-disabled='true']) { background: ${hovered}; }
.${ROOT_CLASS} button.ghost { border-color: transparent; color: ${primary}; }
.${ROOT_CLASS} button.main ~ [data-cy] > p:first-child { margin-top: 8px; }
.${ROOT_CLASS} .work { margin-top: 8px; }
.${ROOT_CLASS} .work.running { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: 4px 8px; }
.${ROOT_CLASS} .work.running > span { flex: 1 1 0; min-width: 0; display: flex; align-items: center; min-height: 36px;
  line-height: 1.3; }
.${ROOT_CLASS} .work.running > button { flex: none; }
.${ROOT_CLASS} .work .bar { flex: 0 0 100%; height: 4px; border-radius: 2px; overflow: hidden;
  background: ${surface}; }
.${ROOT_CLASS} .work .bar div { height: 100%; background: ${primary}; }
.${ROOT_CLASS} .work .bar .unknown { width: 30%; animation: find-l3-wait 1.4s ease-in-out infinite; }
@keyframes find-l3-wait { from { margin-left: -30%; } to { margin-left: 100%; } }
@media (prefers-reduced-motion: reduce) {
  .${ROOT_CLASS} .work .bar .unknown { animation: none; width: 100%; opacity: 0.5; } }
.${ROOT_CLASS} .hidden { visibility: hidden; }
.${ROOT_CLASS} .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.${ROOT_CLASS} h2 { font-size: 16px; font-weight: 600; line-height: 1.3; }
.${ROOT_CLASS} .head + div, .${ROOT_CLASS} .head ~ [data-cy] h2 { margin-top: 6px; }
.${ROOT_CLASS} h2.level { color: ${l3}; }
.${ROOT_CLASS} h2:focus { outline: none; }
.${ROOT_CLASS} h3 { font-size: 13px; font-weight: 500; color: ${quiet}; }
.${ROOT_CLASS} details { margin: 8px -10px 0; }
.${ROOT_CLASS} summary { display: flex; align-items: center; justify-content: space-between; height: 28px;
  padding: 0 10px; background: ${raised}; border-radius: 4px; cursor: pointer; list-style: none; }
.${ROOT_CLASS} summary::-webkit-details-marker { display: none; }
.${ROOT_CLASS} summary::after { content: ''; width: 7px; height: 7px; border: solid ${primary};
  border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); margin-right: 3px; }
.${ROOT_CLASS} details[open] > summary::after { transform: rotate(45deg); margin-bottom: 3px; }
.${ROOT_CLASS} summary:focus-visible { outline: 2px solid ${ring}; outline-offset: -2px; }
.${ROOT_CLASS} details > .inside { padding: 2px 10px 4px; }
.${ROOT_CLASS} details + p { margin-top: 10px; }
.${ROOT_CLASS} .numbers { display: flex; justify-content: space-between; gap: 0 8px; flex-wrap: wrap; }
.${ROOT_CLASS} .corrected + h2 { margin-top: 8px; }
.${ROOT_CLASS} .tag { flex: none; padding: 0 6px; border: 1px solid ${l3}; border-radius: 8px; font-size: 12px;
  line-height: 16px; color: ${l3}; }
.${ROOT_CLASS} .tag.saved { border-color: #6fcf8e; color: #6fcf8e; }
.${ROOT_CLASS} .tag.unsaved { border-color: ${warning}; color: ${warning}; }
.${ROOT_CLASS} .tag.saving { border-color: ${quiet}; color: ${quiet}; }
.${ROOT_CLASS} .standing { flex: none; padding: 7px 10px 2px; border-top: 1px solid ${line}; }
.${ROOT_CLASS} .standing .state { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.${ROOT_CLASS} .standing .row { flex-wrap: nowrap; }
.${ROOT_CLASS} .standing .row button.main { flex: 1 1 auto; margin: 0; }
.${ROOT_CLASS} .standing .row button.ghost { flex: none; }
.${ROOT_CLASS} .notice { margin-top: 8px; padding: 7px 9px; border-left: 3px solid ${warning};
  border-radius: 2px; background: ${raised}; overflow-wrap: anywhere; }
.${ROOT_CLASS} .picture { --height: clamp(150px, 100cqh - 142px, 350px); position: relative;
  width: min(100%, calc(var(--height) * var(--ratio))); margin: 8px auto 0; background: #000;
  overflow: hidden; border-radius: 3px; }
.${ROOT_CLASS} .picture.making { display: flex; flex-direction: column; align-items: center;
  justify-content: center; height: var(--height); font-size: 12px; --ratio: 0.54; text-align: center;
  border: 1px solid ${line}; }
.${ROOT_CLASS} .picture canvas { display: block; width: 100%; height: 100%; }
.${ROOT_CLASS} .picture .side { position: absolute; top: 4px; color: #fff; font-size: 11px;
  text-shadow: 0 0 3px #000; pointer-events: none; }
.${ROOT_CLASS} .picture .line { position: absolute; left: 0; right: 0; height: 0;
  border-top: 1px solid rgba(255, 255, 255, 0.45); pointer-events: none; }
.${ROOT_CLASS} .picture .line.l3 { border-top: 1px solid ${l3}; }
.${ROOT_CLASS} .picture .line.candidate { border-top: 1px dashed ${l3}; }
.${ROOT_CLASS} .picture .slider { position: absolute; left: 0; right: 36px; height: 18px; margin-top: -9px;
  cursor: ns-resize; touch-action: none; }
.${ROOT_CLASS} .picture .slider::before { content: ''; position: absolute; left: 0; right: 0; top: 8px;
  height: 0; border-top: 2px solid ${l3}; pointer-events: none; }
.${ROOT_CLASS} .picture .slider::after { content: ''; position: absolute; left: 6px; top: 3px; width: 12px;
  height: 12px; border-radius: 50%; background: ${l3}; border: 2px solid #1d1400; }
.${ROOT_CLASS} .picture .slider:focus-visible { outline: 2px solid ${ring}; outline-offset: -2px; }
.${ROOT_CLASS} .picture .slider[aria-disabled='true'] { cursor: not-allowed; opacity: 0.6; }
.${ROOT_CLASS} .picture button { position: absolute; right: 3px; transform: translateY(-50%);
  min-width: 30px; height: 19px; padding: 0 5px; font-size: 11px; line-height: 17px;
  background: rgba(0, 0, 0, 0.6); border-color: transparent; color: #fff; }
.${ROOT_CLASS} .picture button.heat { left: 4px; right: auto; bottom: 4px; transform: none; }
.${ROOT_CLASS} .picture button.l3 { color: #1d1400; background: ${l3}; font-weight: 700; }
.${ROOT_CLASS} .picture button[aria-pressed='true'] { border-color: #fff; }
.${ROOT_CLASS} .picture .line.anchor { border-top: 1px solid #6fcf8e; }
.${ROOT_CLASS} .picture .body { position: absolute; width: 7px; height: 7px; margin: -3.5px; border-radius: 50%;
  border: 1.5px solid #fff; box-shadow: 0 0 2px #000; pointer-events: none; }
.${ROOT_CLASS} .picture .name { position: absolute; right: 3px; transform: translateY(-50%); padding: 0 5px;
  font-size: 12px; line-height: 17px; border-radius: 3px; background: rgba(0, 0, 0, 0.7); }
.${ROOT_CLASS} .picture .name.l3 { color: #1d1400; background: ${l3}; font-weight: 700; }
.${ROOT_CLASS} .picture .name.anchor { color: #6fcf8e; }
.${ROOT_CLASS} .picture canvas.enlarges { cursor: zoom-in; }
.${ROOT_CLASS} .picture button.enlarge { right: auto; left: 22px; top: 3px; min-width: 22px; height: 19px;
  padding: 0; transform: none; }
.${ROOT_CLASS}.enlarged { position: fixed; z-index: 1000; height: auto; padding: 8px 12px 12px; background: #000;
  border: 1px solid ${line}; }
.${ROOT_CLASS}.enlarged .bar-head { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.${ROOT_CLASS}.enlarged .columns { flex: 1 1 0; min-height: 0; display: flex; justify-content: center; gap: 16px;
  margin-top: 6px; container-type: size; }
.${ROOT_CLASS}.enlarged .column { flex: 1 1 0; min-width: 0; text-align: center; }
.${ROOT_CLASS}.enlarged .picture { --height: 100cqh; margin-top: 0; align-self: flex-start; }
.${ROOT_CLASS}.enlarged .column .picture { --height: calc(100cqh - 76px); margin: 6px auto 0; }
.${ROOT_CLASS}.enlarged button.main { max-width: 320px; }
.${ROOT_CLASS} .shown { display: flex; align-items: center; justify-content: space-between; gap: 8px;
  min-height: 34px; margin-top: 6px; }
.${ROOT_CLASS} .shown button { flex: none; white-space: nowrap; }
.${ROOT_CLASS} .shown > span { flex: 1 1 auto; }
.${ROOT_CLASS} .marking > p { margin-top: 6px; }
.${ROOT_CLASS} .row { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; margin: 6px 0 0;
  padding: 0; border: 0; }
.${ROOT_CLASS} .row > * { flex: 1 1 auto; }
.${ROOT_CLASS} .row button { padding: 4px 6px; white-space: nowrap; }
.${ROOT_CLASS} .row.decision button { flex: 1 1 0; height: 32px; margin: 0; }
.${ROOT_CLASS} .row button[aria-pressed='true'] { border-color: ${primary}; background: ${hovered}; }
.${ROOT_CLASS} .row.joined { gap: 0; }
.${ROOT_CLASS} .row.joined button + button { margin-left: -1px; }
.${ROOT_CLASS} .row.joined button[aria-pressed='true'] { position: relative; }
.${ROOT_CLASS} .row.joined button { border-radius: 0; }
.${ROOT_CLASS} .row.joined button:first-child { border-radius: 4px 0 0 4px; }
.${ROOT_CLASS} .row.joined button:last-child { border-radius: 0 4px 4px 0; }
.${ROOT_CLASS} button[aria-disabled='true'] { opacity: 0.5; cursor: not-allowed; }
.${ROOT_CLASS} details label { display: block; margin-top: 6px; }
.${ROOT_CLASS} details label.row { display: flex; }
.${ROOT_CLASS} .row .quiet { flex: 0 0 auto; }
.${ROOT_CLASS} select { font: inherit; color: ${foreground}; background: ${page}; padding: 4px 6px;
  border: 1px solid ${line}; border-radius: 4px; }
.${ROOT_CLASS} select:focus-visible { outline: 2px solid ${ring}; outline-offset: 1px; }
.${ROOT_CLASS} input[type='number'], .${ROOT_CLASS} input.wide { font: inherit; color: ${foreground}; background: ${page};
  padding: 4px 6px; border: 1px solid ${line}; border-radius: 4px; }
.${ROOT_CLASS} input[type='number'] { flex: 0 0 52px; }
.${ROOT_CLASS} input.wide { width: 100%; margin-top: 4px; }
.${ROOT_CLASS} input:focus-visible { outline: 2px solid ${ring}; outline-offset: 1px; }
.${ROOT_CLASS} .queue { margin-bottom: 8px; padding: 6px 9px; border-radius: 4px; background: ${raised}; }
.${ROOT_CLASS} .modality { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; margin-top: 6px; }
.${ROOT_CLASS} .modality .row { flex: none; margin: 0; }
.${ROOT_CLASS} .modality p { flex: 1 1 160px; }
.${ROOT_CLASS} .picture + p { margin-top: 8px; }
.${ROOT_CLASS} .small { font-size: 12px; }
.${ROOT_CLASS} .choices li { margin-top: 4px; }
.${ROOT_CLASS} .choices button { display: block; width: 100%; text-align: left; }
.${ROOT_CLASS} .choices button[aria-pressed='true'] { border-color: ${primary}; background: ${hovered}; }
.${ROOT_CLASS} .choices .numbers { font-weight: 600; }
.${ROOT_CLASS} dl { display: grid; grid-template-columns: 74px 1fr; gap: 2px 8px; margin-top: 12px;
  font-size: 12px; overflow-wrap: anywhere; }
.${ROOT_CLASS} dt { color: ${quiet}; }
.${ROOT_CLASS} .foot { flex: none; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 8px;
  padding: 4px 10px 6px; font-size: 12px; }
.${ROOT_CLASS} .foot strong { font-weight: 600; color: ${warning}; }
.${ROOT_CLASS} .foot button.link { margin-left: auto; }
.${ROOT_CLASS} button.link { flex: none; font-size: 12px; padding: 0 2px; border-color: transparent; color: ${primary};
  text-decoration: underline; text-underline-offset: 2px; }
.${ROOT_CLASS} .card { position: absolute; inset: 0; overflow-x: hidden; overflow-wrap: anywhere; }
.${ROOT_CLASS} button.link:hover:not(:disabled) { background: none; color: ${foreground}; }
.${ROOT_CLASS} .card .shown { margin: 0 0 6px; }
.${ROOT_CLASS} .card h3 { color: ${foreground}; font-size: 13px; }
.${ROOT_CLASS} .card-text p { margin-top: 6px; white-space: pre-wrap; }
.${ROOT_CLASS} .card .table, .${ROOT_CLASS} .card pre { margin: 6px 0 0; overflow-x: auto; font-size: 12px;
  overflow-wrap: normal; scrollbar-width: thin; }
.${ROOT_CLASS} .card table { border-collapse: collapse; }
.${ROOT_CLASS} .card th, .${ROOT_CLASS} .card td { padding: 1px 8px 1px 0; text-align: left; white-space: nowrap; }
.${ROOT_CLASS} .card th { color: ${quiet}; font-weight: 600; }
.${ROOT_CLASS} .card table.settings { width: 100%; table-layout: fixed; }
.${ROOT_CLASS} .card table.settings :is(th, td) { white-space: normal; overflow-wrap: anywhere;
  vertical-align: top; }
.${ROOT_CLASS} .card table.settings th:first-child { width: 45%; }
.${ROOT_CLASS} .card :focus-visible { outline: 2px solid ${ring}; outline-offset: 1px; }
`;
