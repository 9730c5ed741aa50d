import { say, type TextKey } from '../../text/say';
import { customization, type CustomizationName } from './settings';
import type { CustomizationService, Services, Subscription } from './ohif';

const BUTTON_ID = 'FindL3';
export const PANEL_NAME = 'findL3';
/** Name of the evaluator (toolbar module) that enables the button or says why it is disabled. */
export const EVALUATOR_NAME = 'evaluate.findL3';
const ICON = 'tool-referenceLines';
const HOTKEY_BINDINGS = 'ohif.hotkeyBindings';

/**
 * Adds the toolbar button, the right-hand panel and the hotkey to the mode that is being entered,
 * and keeps button and panel there when the mode or one of its workflow steps sets its own.
 *
 * The host clears panels, toolbar and mode customizations itself when a mode is left.
 *
 * @returns what undoes it
 */
export function addHostEntries(services: Services, panelId: string): () => void {
  const { panelService, toolbarService, customizationService } = services;
  const keep = () => {
    ensurePanel(services, panelId);
    ensureButton(services);
  };
  keep();
  bindHotkeys(customizationService);

  let active = true;
  let scheduled = false;
  const later = () => {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(() => {
      scheduled = false;
      if (active) keep();
    });
  };
  const subscriptions: Subscription[] = [
    panelService.subscribe(panelService.EVENTS.PANELS_CHANGED, later),
    toolbarService.subscribe(toolbarService.EVENTS.TOOL_BAR_MODIFIED, later),
  ];
  return () => {
    active = false;
    for (const subscription of subscriptions) subscription.unsubscribe();
    toolbarService.removeButton?.(BUTTON_ID);
  };
}

/** Commands with their keys, of which an admin can choose others or none. */
const HOTKEYS: readonly {
  readonly keys: Extract<CustomizationName, `findL3.hotkey${string}`>;
  readonly commandName: string;
  readonly commandOptions?: object;
  readonly label: TextKey;
}[] = [
  { keys: 'findL3.hotkey', commandName: 'findL3', label: 'title' },
  { keys: 'findL3.hotkeyConfirm', commandName: 'confirmLevel', label: 'hotkey.confirm' },
  {
    keys: 'findL3.hotkeyNumberingUp',
    commandName: 'shiftNumbering',
    commandOptions: { by: 1 },
    label: 'hotkey.numberingUp',
  },
  {
    keys: 'findL3.hotkeyNumberingDown',
    commandName: 'shiftNumbering',
    commandOptions: { by: -1 },
    label: 'hotkey.numberingDown',
  },
  {
    keys: 'findL3.hotkeyReviewConfirm',
    commandName: 'confirmInReview',
    label: 'hotkey.reviewConfirm',
  },
  { keys: 'findL3.hotkeyReviewNext', commandName: 'nextInReview', label: 'hotkey.reviewNext' },
  { keys: 'findL3.hotkeyReviewFix', commandName: 'fixInReview', label: 'hotkey.reviewFix' },
  {
    keys: 'findL3.hotkeyReviewAbove',
    commandName: 'denyInReview',
    commandOptions: { absence: 'ends-above-l3' },
    label: 'hotkey.reviewAbove',
  },
  {
    keys: 'findL3.hotkeyReviewBelow',
    commandName: 'denyInReview',
    commandOptions: { absence: 'begins-below-l3' },
    label: 'hotkey.reviewBelow',
  },
  { keys: 'findL3.hotkeyRuler', commandName: 'toggleLevelRuler', label: 'hotkey.ruler' },
];

function bindHotkeys(customizationService: CustomizationService): void {
  const bindings = customizationService.getCustomization(HOTKEY_BINDINGS);
  if (!Array.isArray(bindings)) return;
  const own = HOTKEYS.flatMap(({ keys: name, label, ...binding }) => {
    const keys = customization(customizationService, name);
    return keys.length > 0
      ? { ...binding, label: say(label), keys: [...keys], isEditable: true }
      : [];
  });
  const ownNames = new Set(HOTKEYS.map(({ commandName }) => commandName));
  const others = bindings.filter(({ commandName }) => !ownNames.has(commandName));
  customizationService.setCustomizations({ [HOTKEY_BINDINGS]: { $set: [...others, ...own] } });
}

function ensurePanel({ panelService }: Services, panelId: string): void {
  const { Right } = panelService.PanelPosition;
  if (!panelService.getPanels(Right).some(({ id }) => id === panelId)) {
    panelService.addPanel(Right, panelId);
  }
}

function ensureButton({ toolbarService }: Services): void {
  if (!toolbarService.getButton(BUTTON_ID)) {
    toolbarService.register([
      {
        id: BUTTON_ID,
        uiType: 'ohif.toolButton',
        props: {
          type: 'action',
          icon: ICON,
          label: say('title'),
          tooltip: say('search.tooltip'),
          commands: [{ commandName: 'findL3' }],
          evaluate: EVALUATOR_NAME,
        },
      },
    ]);
  }
  const section = toolbarService.sections?.primary ?? 'primary';
  if (!toolbarService.state.buttonSections[section]?.includes(BUTTON_ID)) {
    toolbarService.updateSection(section, [BUTTON_ID]);
  }
}

/** `panelModule` entries are addressed by extension and name. */
export function panelIdOf(extensionId: string): string {
  return `${extensionId}.panelModule.${PANEL_NAME}`;
}
