import type { CornerstoneLibraries } from '../host/ohif';
import { LEVEL_TOOL_NAME } from './annotation';
import type { LevelToolClass } from './levelTool';

type ToolGroup = NonNullable<
  ReturnType<CornerstoneLibraries['cornerstoneTools']['ToolGroupManager']['getToolGroup']>
>;

/** Keeps the level tool in every tool group of the host that has a viewport, ready to be dragged. */
export class LevelToolGroups {
  /** The tool that was active in a group before the level tool was taken. */
  private readonly before = new Map<string, string | undefined>();

  /** @param onModeChanged told when the level tool was taken or put back, by whomever */
  constructor(
    private readonly libraries: CornerstoneLibraries,
    private readonly tool: LevelToolClass,
    private readonly onModeChanged: () => void,
  ) {
    const { cornerstone, cornerstoneTools } = libraries;
    const { TOOLGROUP_VIEWPORT_ADDED, TOOL_MODE_CHANGED } = cornerstoneTools.Enums.Events;
    cornerstoneTools.addTool(tool);
    for (const group of this.groups()) this.equip(group);
    cornerstone.eventTarget.addEventListener(TOOLGROUP_VIEWPORT_ADDED, this.viewportAdded);
    cornerstone.eventTarget.addEventListener(TOOL_MODE_CHANGED, this.onModeChanged);
  }

  get isInHand(): boolean {
    return this.groups().some(
      (group) => group.getActivePrimaryMouseButtonTool() === LEVEL_TOOL_NAME,
    );
  }

  /** Makes the level tool the active one; the first press of the button marks. */
  take(): void {
    const { Primary } = this.libraries.cornerstoneTools.Enums.MouseBindings;
    for (const group of this.groups()) {
      if (!group.hasTool(LEVEL_TOOL_NAME)) continue;
      const active = group.getActivePrimaryMouseButtonTool();
      if (active === LEVEL_TOOL_NAME) continue;
      this.before.set(group.id, active);
      if (active) group.setToolPassive(active);
      group.setToolActive(LEVEL_TOOL_NAME, { bindings: [{ mouseButton: Primary }] });
    }
  }

  /** Makes the tool active again that was before, where the level tool still is. */
  putBack(): void {
    const { Primary } = this.libraries.cornerstoneTools.Enums.MouseBindings;
    for (const group of this.groups()) {
      if (group.getActivePrimaryMouseButtonTool() !== LEVEL_TOOL_NAME) continue;
      group.setToolPassive(LEVEL_TOOL_NAME);
      const active = this.before.get(group.id);
      if (active) group.setToolActive(active, { bindings: [{ mouseButton: Primary }] });
    }
    this.before.clear();
  }

  /** Takes the tool out of every group and out of the host. */
  dispose(): void {
    const { cornerstone, cornerstoneTools } = this.libraries;
    const { TOOLGROUP_VIEWPORT_ADDED, TOOL_MODE_CHANGED } = cornerstoneTools.Enums.Events;
    cornerstone.eventTarget.removeEventListener(TOOLGROUP_VIEWPORT_ADDED, this.viewportAdded);
    cornerstone.eventTarget.removeEventListener(TOOL_MODE_CHANGED, this.onModeChanged);
    this.putBack();
    for (const group of this.groups()) {
      if (!group.hasTool(LEVEL_TOOL_NAME)) continue;
      group.setToolDisabled(LEVEL_TOOL_NAME);
      // Tool groups have no call that takes a tool out.
      delete (group.toolOptions as Record<string, unknown>)[LEVEL_TOOL_NAME];
      delete group.getToolInstances()[LEVEL_TOOL_NAME];
    }
    cornerstoneTools.removeTool(this.tool);
  }

  private groups(): readonly ToolGroup[] {
    return this.libraries.cornerstoneTools.ToolGroupManager.getAllToolGroups();
  }

  private readonly viewportAdded = (event: Event): void => {
    const { toolGroupId } = (event as CustomEvent<{ toolGroupId: string }>).detail;
    const group = this.groups().find(({ id }) => id === toolGroupId);
    if (group) this.equip(group);
  };

  private equip(group: ToolGroup): void {
    if (group.hasTool(LEVEL_TOOL_NAME)) return;
    group.addTool(LEVEL_TOOL_NAME);
    group.setToolPassive(LEVEL_TOOL_NAME);
  }
}
