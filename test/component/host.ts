import * as core from '@ohif/core';
import type { DisplaySet, Services } from '../../src/viewer/ohif';
import type { SeriesDescription, SliceDescription, Vec3 } from '../../src/series/types';

type Point = [number, number, number];

/** A stack or volume viewport as far as the extension moves and reads one. */
export class FakeViewport {
  readonly element = document.createElement('div');
  readonly jumps: Point[] = [];
  index = 0;

  constructor(
    readonly id: string,
    readonly type: 'stack' | 'orthographic',
    private readonly normal: Point,
    private readonly imageIds: readonly string[] = [],
    private focalPoint: Point = [0, 0, 0],
    private readonly planeOf: (
      imageId: string,
    ) => { imagePositionPatient: Vec3 } | undefined = () => undefined,
    private readonly frameOfReferenceUID: string | null = '1.2.3.9',
  ) {}

  getImageIds = () => [...this.imageIds];
  getCurrentImageId = () => this.imageIds[this.index];
  getFrameOfReferenceUID = () => this.frameOfReferenceUID;
  getCamera = () => ({
    viewPlaneNormal: this.normal,
    viewUp: [0, -1, 0],
    focalPoint: this.focalPoint,
  });
  getViewReference = () => ({
    FrameOfReferenceUID: this.frameOfReferenceUID,
    viewPlaneNormal: this.normal,
    referencedImageId: this.imageIds[this.index],
  });
  render(): void {}

  async setImageIdIndex(index: number): Promise<string> {
    this.index = index;
    const position = this.planeOf(this.imageIds[index])?.imagePositionPatient;
    if (position) this.focalPoint = [0, 0, position[2]];
    return this.imageIds[index];
  }

  jumpToWorld(point: Point): boolean {
    this.jumps.push(point);
    const [n, f] = [this.normal, this.focalPoint];
    const by = n.reduce((sum, value, i) => sum + value * (point[i] - f[i]), 0);
    this.focalPoint = f.map((value, i) => value + n[i] * by) as Point;
    return true;
  }
}

interface Annotation {
  readonly annotationUID: string;
  readonly metadata: { readonly toolName: string };
  readonly data: { label?: string; handles: { points: Point[] } };
}

/**
 * OHIF's real managers and services around fake viewports, with the part of cornerstone that the
 * extension reaches through OHIF's cornerstone extension.
 */
export class FakeHost {
  readonly commandsManager: core.CommandsManager;
  readonly servicesManager: core.ServicesManager;
  readonly extensionManager: core.ExtensionManager;
  readonly hotkeysManager: core.HotkeysManager;
  readonly viewports = new Map<string, FakeViewport>();
  readonly shownIn = new Map<string, string[]>();
  readonly appConfig: { loadedModes: object[] } = { loadedModes: [] };
  readonly notifications: { message: string }[] = [];
  readonly annotations = new Map<string, Annotation>();
  readonly failing = new Set<string>();
  readonly loaded: string[] = [];
  /** What the host's length tool writes beside a line. */
  readonly lengthTool = { configuration: { getTextLines: () => ['70.0 mm'] as string[] } };
  activeViewportId: string | null = null;
  private readonly displaySets = new Map<string, DisplaySet>();
  private readonly instances = new Map<string, Record<string, unknown>>();
  private readonly source: { uid: string; name: string; version: string };

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
    ]);
    this.registerFakes();
    this.source = this.connectMeasurements();
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

  addDisplaySet(uid: string, description: SeriesDescription, change: Partial<DisplaySet> = {}) {
    const imageIds = description.slices.map((_, i) => `fake:${uid}/${i}`);
    description.slices.forEach((slice, i) =>
      this.instances.set(imageIds[i], instanceOf(slice, description)),
    );
    this.displaySets.set(uid, {
      displaySetInstanceUID: uid,
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
    const frame = this.instances.get(imageIds[0])?.FrameOfReferenceUID as string | null;
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

  addVolume(viewportId: string, displaySetUID: string, normal: Point): FakeViewport {
    return this.add(new FakeViewport(viewportId, 'orthographic', normal), displaySetUID);
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

  /** What a person's hand does to a mark. */
  dragMark(uid: string, by: Point): void {
    const annotation = this.annotations.get(uid)!;
    const { handles } = annotation.data;
    handles.points = handles.points.map((p) => p.map((v, i) => v + by[i]) as Point);
    this.toMeasurement(annotation, true);
  }

  drawLength(uid: string, label: string): void {
    const points: Point[] = [
      [0, 0, 0],
      [9, 0, 0],
    ];
    const metadata = { toolName: 'Length' };
    this.addAnnotation({ annotationUID: uid, metadata, data: { label, handles: { points } } });
  }

  private add(viewport: FakeViewport, displaySetUID: string): FakeViewport {
    this.viewports.set(viewport.id, viewport);
    this.shownIn.set(viewport.id, [displaySetUID]);
    this.activeViewportId ??= viewport.id;
    return viewport;
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
          this.addStack(viewportId, displaySetInstanceUIDs[0]);
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
  private connectMeasurements() {
    const { measurementService } = this.all;
    const source = measurementService.createSource('Cornerstone3DTools', '0.1');
    const toMeasurement = ({ annotation }: { annotation: Annotation }) => ({
      uid: annotation.annotationUID,
      label: annotation.data.label,
      points: annotation.data.handles.points,
      toolName: annotation.metadata.toolName,
      isVisible: true,
    });
    measurementService.addMapping(source, 'Length', [{}], () => {}, toMeasurement);
    measurementService.subscribe(
      measurementService.EVENTS.MEASUREMENT_REMOVED,
      ({ measurement }: { measurement: string }) => this.annotations.delete(measurement),
    );
    return source;
  }

  private addAnnotation(annotation: Annotation): void {
    this.annotations.set(annotation.annotationUID, annotation);
    this.toMeasurement(annotation, false);
  }

  private toMeasurement(annotation: Annotation, isUpdate: boolean): void {
    const uid = annotation.annotationUID;
    this.all.measurementService.annotationToMeasurement(
      this.source,
      'Length',
      { uid, annotation },
      isUpdate,
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
    let uuids = 0;
    return {
      cornerstone: {
        Enums: { ViewportType: { STACK: 'stack', ORTHOGRAPHIC: 'orthographic' } },
        cache: { getBytesAvailable: () => 1e9 },
        imageLoader: { loadAndCacheImage: load, loadImage: load },
        metaData: {
          get: (type: string, imageId: string) =>
            type === 'instance' ? this.instances.get(imageId) : this.planeOf(imageId),
        },
        utilities: { uuidv4: () => `uid-${++uuids}` },
      },
      cornerstoneTools: {
        annotation: { state: { addAnnotation: (a: Annotation) => this.addAnnotation(a) } },
        ToolGroupManager: {
          getAllToolGroups: () => [{ hasTool: () => true, getToolInstance: () => this.lengthTool }],
        },
        utilities: { triggerAnnotationRenderForViewportIds: () => {} },
      },
    };
  }
}

/** A service of the host: its event part typed, the rest called as the host calls it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type HostService = Record<string, any>;

function instanceOf(slice: SliceDescription, { frameOfReferenceUID }: SeriesDescription) {
  return {
    SOPInstanceUID: slice.sopInstanceUID,
    FrameOfReferenceUID: frameOfReferenceUID,
    ImagePositionPatient: slice.imagePositionPatient,
    ImageOrientationPatient: slice.imageOrientationPatient,
    PixelSpacing: slice.pixelSpacing,
    Rows: slice.rows,
    Columns: slice.columns,
    SamplesPerPixel: slice.samplesPerPixel,
    PhotometricInterpretation: slice.photometricInterpretation,
    BitsAllocated: slice.bitsAllocated,
    ImageType: slice.imageType,
  };
}
