import * as core from '@ohif/core';
import type { DisplaySet, Services } from '../../src/viewer/host/ohif';
import { FakeLayouts } from './fakeLayouts';
import { instanceOf } from './fakeInstance';
import { FakeViewport } from './fakeViewport';
import { FakeTools, type Annotation } from './fakeTools';
import { cross } from '../../src/series/geometry';
import type { SeriesDescription, Vec3 } from '../../src/series/types';

type Point = [number, number, number];

/**
 * OHIF's real managers and services around fake viewports, with the part of cornerstone that the
 * extension reaches through OHIF's cornerstone extension.
 */
export class FakeHost {
  readonly commandsManager: core.CommandsManager;
  readonly servicesManager: core.ServicesManager;
  readonly extensionManager: core.ExtensionManager;
  readonly hotkeysManager: core.HotkeysManager;
  readonly layouts: FakeLayouts;
  readonly viewports = new Map<string, FakeViewport>();
  readonly shownIn = new Map<string, string[]>();
  readonly appConfig: { loadedModes: object[] } = { loadedModes: [] };
  readonly notifications: { message: string }[] = [];
  private uuids = 0;
  readonly tools = new FakeTools((element) =>
    [...this.viewports.values()].find((viewport) => viewport.element === element),
  );
  readonly failing = new Set<string>();
  readonly loaded: string[] = [];
  activeViewportId: string | null = null;
  readonly displaySets = new Map<string, DisplaySet>();
  private readonly instances = new Map<string, Record<string, unknown>>();

  constructor() {
    core.log.info = () => {};
    this.commandsManager = new core.CommandsManager({ getAppState: () => ({}) });
    this.servicesManager = new core.ServicesManager(this.commandsManager);
    this.hotkeysManager = new core.HotkeysManager(this.commandsManager, this.servicesManager);
    this.extensionManager = new core.ExtensionManager({
      commandsManager: this.commandsManager,
      servicesManager: this.servicesManager,
      serviceProvidersManager: new core.ServiceProvidersManager(),
      hotkeysManager: this.hotkeysManager,
      appConfig: this.appConfig,
    });
    this.servicesManager.setExtensionManager(this.extensionManager);
    this.servicesManager.registerServices([
      core.MeasurementService.REGISTRATION,
      core.PanelService.REGISTRATION,
      core.ToolbarService.REGISTRATION,
      [core.CustomizationService.REGISTRATION, {}],
      core.ViewportGridService.REGISTRATION,
      core.UINotificationService.REGISTRATION,
      core.HangingProtocolService.REGISTRATION,
    ]);
    this.registerFakes();
    this.layouts = new FakeLayouts(this);
    this.connectMeasurements();
    this.all.customizationService.setCustomizations(
      {
        'ohif.hotkeyBindings': [
          { commandName: 'flipViewportVertical', label: 'Flip', keys: ['v'] },
        ],
      },
      'default',
    );
  }

  get services(): Services {
    return this.servicesManager.services as unknown as Services;
  }

  get all(): Record<string, HostService> {
    return this.servicesManager.services as Record<string, HostService>;
  }

  /** Registers the cornerstone stand-in and then the extension under test. */
  async register(extension: unknown): Promise<void> {
    await this.extensionManager.registerExtension({
      id: '@ohif/extension-cornerstone',
      getUtilityModule: () => [
        { name: 'common', exports: { getCornerstoneLibraries: () => this.libraries() } },
      ],
    });
    await this.extensionManager.registerExtension(extension);
    this.all.customizationService.init(this.extensionManager);
  }

  /** What the host does on entering a mode, in its order. */
  enterMode(): void {
    this.extensionManager.onModeEnter();
    const { toolbarService, customizationService } = this.all;
    toolbarService.register([{ id: 'Zoom', uiType: 'test.button', props: {} }]);
    toolbarService.updateSection('primary', ['Zoom']);
    this.hotkeysManager.setDefaultHotKeys(
      customizationService.getCustomization('ohif.hotkeyBindings'),
    );
  }

  exitMode(): void {
    this.hotkeysManager.destroy();
    this.extensionManager.onModeExit();
  }

  /** @param edit changes what the host knows of each instance */
  addDisplaySet(
    uid: string,
    description: SeriesDescription,
    change: Partial<DisplaySet> = {},
    edit: (instance: Record<string, unknown>) => Record<string, unknown> = (same) => same,
  ) {
    const imageIds = change.imageIds ?? description.slices.map((_, i) => `fake:${uid}/${i}`);
    description.slices.forEach((slice, i) =>
      this.instances.set(imageIds[i], edit(instanceOf(slice, description))),
    );
    this.displaySets.set(uid, {
      displaySetInstanceUID: uid,
      StudyInstanceUID: '1.2.7',
      SeriesInstanceUID: description.uid,
      SeriesNumber: 3,
      SeriesDescription: 'Abdomen',
      Modality: description.modality,
      imageIds,
      ...change,
    });
    return imageIds;
  }

  addStack(viewportId: string, displaySetUID: string, normal: Point = [0, 0, -1]): FakeViewport {
    const { imageIds = [] } = this.displaySets.get(displaySetUID)!;
    const frame = this.frameOf(displaySetUID);
    const plane = (imageId: string) => this.planeOf(imageId);
    const viewport = new FakeViewport(
      viewportId,
      'stack',
      normal,
      imageIds,
      [0, 0, 0],
      plane,
      frame,
    );
    return this.add(viewport, displaySetUID);
  }

  /** A stack that looks as the series' own images do. */
  addStackOf(viewportId: string, displaySetUID: string): FakeViewport {
    const first = this.displaySets.get(displaySetUID)?.imageIds?.[0];
    const plane = first === undefined ? undefined : this.planeOf(first);
    const normal = plane ? cross(plane.rowCosines, plane.columnCosines) : undefined;
    return this.addStack(viewportId, displaySetUID, normal && [...normal]);
  }

  remove(viewportId: string): void {
    this.viewports.get(viewportId)?.element.remove();
    this.viewports.delete(viewportId);
    this.shownIn.delete(viewportId);
  }

  addVolume(viewportId: string, displaySetUID: string, normal: Point): FakeViewport {
    const frame = this.frameOf(displaySetUID);
    const viewport = new FakeViewport(
      viewportId,
      'orthographic',
      normal,
      [],
      [0, 0, 0],
      () => undefined,
      frame,
    );
    return this.add(viewport, displaySetUID);
  }

  activate(viewportId: string): void {
    this.activeViewportId = viewportId;
    this.broadcast('viewportGridService', 'ACTIVE_VIEWPORT_ID_CHANGED', { viewportId });
  }

  broadcast(service: string, event: string, data: object = {}): void {
    const target = this.all[service];
    target._broadcastEvent(target.EVENTS[event], data);
  }

  /** Subscriptions to the host's services, by service. */
  listenerCounts(): Record<string, number> {
    const counts = Object.entries(this.all).map(([name, { listeners = {} }]) => [
      name,
      Object.values(listeners as Record<string, unknown[]>).flat().length,
    ]);
    return Object.fromEntries(counts) as Record<string, number>;
  }

  /** What a person's hand does in a viewport: press at a, then move on to each of the points. */
  drag(viewportId: string, uid: string, points: readonly Point[]): void {
    const tool = this.levelTool();
    const event = (world: Point) => this.event(viewportId, world);
    tool.toolSelectedCallback(event(points[0]), this.tools.get(uid)!);
    for (const point of points.slice(1)) tool._dragCallback(event(point));
    tool._endCallback(event(points.at(-1)!));
  }

  /** A press of the button with the level tool in hand. */
  press(viewportId: string, world: Point): void {
    const tool = this.levelTool();
    tool.addNewAnnotation(this.event(viewportId, world));
    tool._endCallback(this.event(viewportId, world));
  }

  /** What the level tool draws into a viewport. */
  render(viewportId: string) {
    this.tools.drawn.length = 0;
    this.levelTool().renderAnnotation({ viewport: this.viewports.get(viewportId) }, {});
    return [...this.tools.drawn];
  }

  /** A measurement that has nothing to do with levels. */
  drawLength(annotationUID: string): void {
    const metadata = { toolName: 'Length' };
    const annotation = { annotationUID, metadata, data: { handles: { points: [] } } };
    this.tools.annotations.push(annotation);
    this.tools.dispatch('added', { annotation });
  }

  levelTool() {
    return this.tools.toolGroups[0].getToolInstance('L3Level');
  }

  private event(viewportId: string, world: Point) {
    const { element } = this.viewports.get(viewportId)!;
    return { detail: { element, currentPoints: { world } }, preventDefault: () => {} };
  }

  private add(viewport: FakeViewport, displaySetUID: string): FakeViewport {
    this.viewports.set(viewport.id, viewport);
    document.body.append(viewport.element);
    this.tools.addToGroup('default');
    this.shownIn.set(viewport.id, [displaySetUID]);
    this.activeViewportId ??= viewport.id;
    return viewport;
  }

  private frameOf(displaySetUID: string): string | null {
    const { imageIds = [] } = this.displaySets.get(displaySetUID)!;
    return (this.instances.get(imageIds[0])?.FrameOfReferenceUID ?? null) as string | null;
  }

  private registerFakes(): void {
    const service = (name: string, events: string[], members: object) =>
      this.servicesManager.registerService({
        name,
        create: () =>
          Object.assign(
            new core.PubSubService(Object.fromEntries(events.map((e) => [e, `event::${e}`]))),
            members,
          ),
      });
    service('displaySetService', ['DISPLAY_SETS_CHANGED'], {
      getDisplaySetByUID: (uid: string) => this.displaySets.get(uid),
      getActiveDisplaySets: () => [...this.displaySets.values()],
    });
    service('cornerstoneViewportService', ['VIEWPORT_DATA_CHANGED'], {
      getCornerstoneViewport: (id: string) => this.viewports.get(id) ?? null,
    });
    const { viewportGridService, uiNotificationService } = this.all;
    viewportGridService.setServiceImplementation({
      getState: () => ({
        activeViewportId: this.activeViewportId,
        viewports: new Map(
          [...this.viewports.keys()].map((id) => [
            id,
            { displaySetInstanceUIDs: this.shownIn.get(id) },
          ]),
        ),
      }),
      setDisplaySetsForViewports: (
        updates: { viewportId: string; displaySetInstanceUIDs: string[] }[],
      ) => {
        for (const { viewportId, displaySetInstanceUIDs } of updates) {
          this.addStackOf(viewportId, displaySetInstanceUIDs[0]);
        }
      },
      onModeExit: () => {},
      reset: () => {},
    });
    uiNotificationService.setServiceImplementation({
      show: (notification: { message: string }) => this.notifications.push(notification),
    });
  }

  /** As OHIF connects cornerstone's annotations with its measurement service. */
  private connectMeasurements(): void {
    const { measurementService } = this.all;
    const source = measurementService.createSource('Cornerstone3DTools', '0.1');
    measurementService.addMapping(
      source,
      'Length',
      [{}],
      () => {},
      ({ uid }: { uid: string }) => ({
        uid,
      }),
    );
    const on = (event: string, listener: (uid: string, annotation: Annotation) => void) =>
      this.tools.eventTarget.addEventListener(event, ({ detail }: CustomEventInit) =>
        listener(detail.annotation.annotationUID, detail.annotation),
      );
    const map = (uid: string, annotation: Annotation, isUpdate: boolean) =>
      source.annotationToMeasurement(annotation.metadata.toolName, { uid, annotation }, isUpdate);
    on('added', (uid, annotation) => map(uid, annotation, false));
    on('modified', (uid, annotation) => {
      if (measurementService.getMeasurement(uid)) map(uid, annotation, true);
    });
    on('removed', (uid) => {
      if (measurementService.getMeasurement(uid)) source.remove(uid, {});
    });
    const { MEASUREMENT_REMOVED, MEASUREMENT_UPDATED, MEASUREMENTS_CLEARED } =
      measurementService.EVENTS;
    measurementService.subscribe(
      MEASUREMENT_REMOVED,
      ({ measurement: uid }: { measurement: string }) => {
        const annotation = this.tools.get(uid);
        this.tools.remove(uid);
        if (annotation) this.tools.remember(annotation, { deleting: true });
      },
    );
    measurementService.subscribe(
      MEASUREMENTS_CLEARED,
      ({ measurements }: { measurements: readonly { uid: string }[] }) => {
        for (const { uid } of measurements) this.tools.remove(uid);
      },
    );
    measurementService.subscribe(
      MEASUREMENT_UPDATED,
      ({ measurement, notYetUpdatedAtSource }: HostService) => {
        if (notYetUpdatedAtSource === false) return;
        const annotation = this.tools.get(measurement.uid)!;
        annotation.data.label = measurement.label;
        this.tools.dispatch('modified', { annotation });
      },
    );
  }

  private planeOf(imageId: string) {
    const instance = this.instances.get(imageId);
    if (!instance) return undefined;
    const orientation = instance.ImageOrientationPatient as number[];
    return {
      imagePositionPatient: instance.ImagePositionPatient as Vec3,
      rowCosines: orientation.slice(0, 3) as unknown as Vec3,
      columnCosines: orientation.slice(3) as unknown as Vec3,
    };
  }

  private libraries() {
    const load = async (imageId: string) => {
      this.loaded.push(imageId);
      if (this.failing.has(imageId)) throw new Error('404 Not Found');
      const { Rows, Columns } = this.instances.get(imageId)! as { Rows: number; Columns: number };
      return { preScale: { scaled: true }, getPixelData: () => new Int16Array(Rows * Columns) };
    };
    return {
      cornerstone: {
        Enums: {
          ViewportType: { STACK: 'stack', ORTHOGRAPHIC: 'orthographic' },
          Events: {
            STACK_NEW_IMAGE: 'CORNERSTONE_STACK_NEW_IMAGE',
            VOLUME_NEW_IMAGE: 'CORNERSTONE_VOLUME_NEW_IMAGE',
            CAMERA_MODIFIED: 'CORNERSTONE_CAMERA_MODIFIED',
          },
        },
        eventTarget: this.tools.eventTarget,
        getEnabledElement: (element: Element) => ({
          viewport: [...this.viewports.values()].find((viewport) => viewport.element === element),
        }),
        cache: { getBytesAvailable: () => 1e9, getImageLoadObject: () => undefined },
        imageLoader: { loadAndCacheImage: load, loadImage: load },
        metaData: {
          get: (type: string, imageId: string) =>
            type === 'instance' ? this.instances.get(imageId) : this.planeOf(imageId),
        },
        utilities: {
          HistoryMemo: { DefaultHistoryMemo: this.tools.history },
          uuidv4: () => `00000000-0000-4000-8000-${String(++this.uuids).padStart(12, '0')}`,
          getTargetVolumeAndSpacingInNormalDir: () => ({ spacingInNormalDirection: 2 }),
        },
      },
      cornerstoneTools: this.tools.library(),
    };
  }
}

/** A service of the host: its event part typed, the rest called as the host calls it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type HostService = Record<string, any>;
