import type { FakeViewport } from './fakeViewport';

type Point = [number, number, number];

/** An annotation as cornerstone's state holds it. */
export interface Annotation {
  annotationUID: string;
  highlighted?: boolean;
  metadata: { toolName: string; FrameOfReferenceUID?: string; referencedImageId?: string };
  data: { label?: string; handles: { points: Point[] } };
}

interface Memo {
  restore(): void;
}

const Events = {
  ANNOTATION_ADDED: 'added',
  ANNOTATION_COMPLETED: 'completed',
  ANNOTATION_MODIFIED: 'modified',
  ANNOTATION_REMOVED: 'removed',
  ANNOTATION_LOCK_CHANGE: 'lock',
  MOUSE_CLICK: 'mouse click',
  MOUSE_DRAG: 'mouse drag',
  MOUSE_UP: 'mouse up',
  TOUCH_DRAG: 'touch drag',
  TOUCH_END: 'touch end',
  TOUCH_TAP: 'touch tap',
  TOOLGROUP_VIEWPORT_ADDED: 'viewport added',
  TOOL_MODE_CHANGED: 'tool mode',
};

/** A tool group as far as tools are put into one, taken in hand and taken out. */
class FakeToolGroup {
  readonly toolOptions: Record<string, { mode: 'Active' | 'Passive' | 'Disabled' }> = {};
  private readonly instances: Record<string, FakeTool> = {};

  constructor(
    readonly id: string,
    private readonly tools: FakeTools,
  ) {}

  addTool(name: string): void {
    const ToolClass = this.tools.registered.get(name);
    if (!ToolClass) throw new Error(`${name} is not registered`);
    this.instances[name] = new ToolClass();
  }

  hasTool = (name: string) => name in this.instances;
  getToolInstance = (name: string) => this.instances[name];
  getToolInstances = () => this.instances;
  getActivePrimaryMouseButtonTool = () =>
    Object.keys(this.toolOptions).find((name) => this.toolOptions[name].mode === 'Active');
  setToolActive = (name: string) => this.setMode(name, 'Active');
  setToolPassive = (name: string) => this.setMode(name, 'Passive');
  setToolDisabled = (name: string) => this.setMode(name, 'Disabled');

  private setMode(name: string, mode: 'Active' | 'Passive' | 'Disabled'): void {
    this.toolOptions[name] = { mode };
    this.tools.dispatch(Events.TOOL_MODE_CHANGED, {});
  }
}

/** What a level tool does when a person's hand or the renderer comes by. */
export interface FakeTool {
  addNewAnnotation(event: object): Annotation;
  toolSelectedCallback(event: object, annotation: Annotation): void;
  isPointNearTool(
    element: Element,
    annotation: Annotation,
    at: [number, number],
    near: number,
  ): boolean;
  renderAnnotation(enabledElement: object, svg: object): boolean;
  _dragCallback(event: object): void;
  _endCallback(event: object): void;
}

/** What can be undone and redone; as in cornerstone, to set its size empties it. */
class FakeHistory {
  readonly done: Memo[] = [];
  readonly undone: Memo[] = [];

  get size(): number {
    return 50;
  }

  set size(_size: number) {
    this.done.length = 0;
    this.undone.length = 0;
  }
}

/** The part of cornerstone's tools that holds annotations, their history and the tools. */
export class FakeTools {
  readonly eventTarget = new EventTarget();
  readonly annotations: Annotation[] = [];
  readonly hidden = new Set<string>();
  readonly locked = new Set<string>();
  readonly registered = new Map<string, new () => FakeTool>();
  readonly toolGroups: FakeToolGroup[] = [];
  /** What was drawn: kind, annotation, part and its points or text. */
  readonly drawn: { kind: string; uid: string; id: string; what: unknown }[] = [];
  readonly history = new FakeHistory();
  private listening = 0;

  constructor(private readonly viewportOf: (element: Element) => FakeViewport | undefined) {
    const { eventTarget } = this;
    const add = eventTarget.addEventListener.bind(eventTarget);
    const remove = eventTarget.removeEventListener.bind(eventTarget);
    eventTarget.addEventListener = (...args: Parameters<typeof add>) => {
      this.listening += 1;
      add(...args);
    };
    eventTarget.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.listening -= 1;
      remove(...args);
    };
  }

  get listenerCount(): number {
    return this.listening;
  }

  get undoCount(): number {
    return this.history.done.length;
  }

  undo(): void {
    const memo = this.history.done.pop();
    memo?.restore();
    if (memo) this.history.undone.push(memo);
  }

  redo(): void {
    const memo = this.history.undone.pop();
    memo?.restore();
    if (memo) this.history.done.push(memo);
  }

  dispatch(type: string, detail: object): void {
    this.eventTarget.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** As the host does when a viewport joins a group. */
  addToGroup(id: string): FakeToolGroup {
    let group = this.toolGroups.find((other) => other.id === id);
    if (!group) {
      group = new FakeToolGroup(id, this);
      group.toolOptions.WindowLevel = { mode: 'Active' };
      this.toolGroups.push(group);
    }
    this.dispatch(Events.TOOLGROUP_VIEWPORT_ADDED, { toolGroupId: id });
    return group;
  }

  get(uid: string): Annotation | undefined {
    return this.annotations.find(({ annotationUID }) => annotationUID === uid);
  }

  remove(uid: string): void {
    const annotation = this.get(uid);
    if (!annotation) return;
    this.annotations.splice(this.annotations.indexOf(annotation), 1);
    this.dispatch(Events.ANNOTATION_REMOVED, { annotation });
  }

  /** Keeps what undo swaps in: data, or whether the annotation is there. */
  remember(annotation: Annotation, options: { newAnnotation?: boolean; deleting?: boolean }): void {
    let kept = clone(annotation.data);
    let isThere = options.deleting ? false : options.newAnnotation ? true : null;
    const restore = () => {
      const now = clone(annotation.data);
      if (isThere === null) {
        Object.assign(annotation.data, kept);
        kept = now;
        this.dispatch(Events.ANNOTATION_MODIFIED, { annotation, changeType: 'History' });
      } else if (isThere) {
        isThere = false;
        this.remove(annotation.annotationUID);
      } else {
        isThere = true;
        this.annotations.push(annotation);
        this.dispatch(Events.ANNOTATION_ADDED, { annotation });
      }
    };
    this.history.done.push({ restore });
    this.history.undone.length = 0;
  }

  library() {
    const draws =
      (kind: string) =>
      (_svg: object, uid: string, id: string, what: unknown, ...more: unknown[]) =>
        this.drawn.push({ kind, uid, id, what: kind === 'line' ? [what, more[0]] : what });
    const remember = this.remember.bind(this);
    abstract class AnnotationTool {
      static toolName = '';
      editData: object | null = null;
      static createAnnotationMemo(
        _element: Element,
        annotation: Annotation,
        options: { newAnnotation?: boolean; deleting?: boolean } = {},
      ): void {
        remember(annotation, options);
      }
    }
    return {
      Enums: {
        Events,
        ChangeTypes: { HandlesUpdated: 'HandlesUpdated' },
        MouseBindings: { Primary: 1 },
      },
      AnnotationTool,
      state: { isInteractingWithTool: false },
      addTool: (tool: { toolName: string } & (new () => FakeTool)) =>
        this.registered.set(tool.toolName, tool),
      removeTool: ({ toolName }: { toolName: string }) => this.registered.delete(toolName),
      ToolGroupManager: {
        getAllToolGroups: () => this.toolGroups,
        getToolGroup: (id: string) => this.toolGroups.find((group) => group.id === id),
      },
      annotation: {
        state: {
          getAnnotationManager: () => ({
            addAnnotation: (annotation: Annotation) => this.annotations.push(annotation),
            removeAnnotation: (uid: string) => {
              const at = this.annotations.findIndex((one) => one.annotationUID === uid);
              if (at >= 0) this.annotations.splice(at, 1);
            },
          }),
          getAnnotation: (uid: string) => this.get(uid),
          getAllAnnotations: () => [...this.annotations],
          getAnnotations: (name: string, element: Element) => {
            const frame = this.viewportOf(element)?.getFrameOfReferenceUID();
            return this.annotations.filter(
              ({ metadata }) =>
                metadata.toolName === name && metadata.FrameOfReferenceUID === frame,
            );
          },
          removeAnnotation: (uid: string) => this.remove(uid),
          triggerAnnotationModified: (annotation: Annotation, _e: unknown, changeType: string) =>
            this.dispatch(Events.ANNOTATION_MODIFIED, { annotation, changeType }),
        },
        locking: { isAnnotationLocked: (uid: string) => this.locked.has(uid) },
        selection: { isAnnotationSelected: () => false },
        visibility: { isAnnotationVisible: (uid: string) => !this.hidden.has(uid) },
      },
      drawing: {
        drawLine: draws('line'),
        drawHandles: draws('handles'),
        drawPolyline: draws('polyline'),
        drawTextBox: draws('text'),
      },
      utilities: {
        triggerAnnotationRender: () => {},
        triggerAnnotationRenderForViewportIds: () => {},
      },
    };
  }
}

function clone<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}
