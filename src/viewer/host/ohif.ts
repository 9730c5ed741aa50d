/**
 * The parts of OHIF 3.11 to 3.14 that this extension uses. OHIF's packages ship no usable types, so
 * the contracts are declared here, as small as they can be; cornerstone's own types are real.
 */
import type * as Cornerstone from '@cornerstonejs/core';
import type * as CornerstoneTools from '@cornerstonejs/tools';

export interface Subscription {
  unsubscribe(): void;
}

interface PubSub {
  readonly EVENTS: Readonly<Record<string, string>>;
  subscribe(event: string, listener: (data: never) => void): Subscription;
  /** Tells the subscribers of an event; every service of the host has it. */
  _broadcastEvent?(event: string, data: unknown): void;
}

/** DICOM JSON naturalised by dcmjs: keywords to values. Servers differ, so values are unknown. */
export type Instance = Readonly<Record<string, unknown>>;

export interface DisplaySet {
  readonly displaySetInstanceUID: string;
  readonly StudyInstanceUID?: string;
  readonly SeriesInstanceUID?: string;
  readonly SeriesDescription?: string;
  readonly SeriesNumber?: string | number;
  readonly Modality?: string;
  readonly instances?: readonly Instance[];
  /** Of a report's display set: the newest. */
  readonly instance?: Instance;
  readonly imageIds?: readonly string[];
  readonly unsupported?: boolean;
  /** Whether the host makes a volume of it, to be cut in other planes. */
  readonly isReconstructable?: boolean;
}

export interface DisplaySetService extends PubSub {
  getDisplaySetByUID(uid: string): DisplaySet | undefined;
  getActiveDisplaySets(): readonly DisplaySet[];
}

export interface ViewportGridService extends PubSub {
  getActiveViewportId(): string | null | undefined;
  getDisplaySetsUIDsForViewport(viewportId: string): readonly string[] | undefined;
  getState(): { readonly viewports: ReadonlyMap<string, unknown> };
  setDisplaySetsForViewports(updates: readonly ViewportUpdate[]): void;
}

/** What a viewport is to show. */
export interface ViewportUpdate {
  readonly viewportId: string;
  readonly displaySetInstanceUIDs: readonly string[];
}

export interface HangingProtocolService extends PubSub {
  /** The viewports that change with one: all of an MPR layout, for example. */
  getViewportsRequireUpdate?(
    viewportId: string,
    displaySetInstanceUID: string,
  ): readonly ViewportUpdate[];
  /** The layout that is shown; undefined while there is none. */
  getState?(): { readonly protocolId: string } | undefined;
  /** What protocols can ask a display set for. */
  addCustomAttribute?(
    id: string,
    name: string,
    callback: (displaySet: DisplaySet) => unknown,
  ): void;
}

export type Viewport = Cornerstone.Types.IStackViewport | Cornerstone.Types.IVolumeViewport;

export interface CornerstoneViewportService extends PubSub {
  getCornerstoneViewport(viewportId: string): Viewport | null | undefined;
}

export interface Measurement {
  readonly uid: string;
  readonly label?: string;
  readonly points?: readonly (readonly number[])[];
}

export interface MeasurementSource {
  readonly uid: string;
  readonly name: string;
  readonly version: string;
}

export interface MeasurementService extends PubSub {
  readonly VALUE_TYPES: Readonly<Record<string, string>>;
  /** Mappings by the uid of their source. */
  readonly mappings: Record<string, { readonly annotationType: string }[] | undefined>;
  getSource(name: string, version: string): MeasurementSource | undefined;
  addMapping(
    source: MeasurementSource,
    annotationType: string,
    matchingCriteria: object,
    toAnnotation: (measurement: Measurement) => unknown,
    toMeasurement: (detail: never) => object | null,
  ): void;
  annotationToMeasurement(
    source: MeasurementSource,
    annotationType: string,
    detail: object,
    isUpdate?: boolean,
  ): string | undefined;
  getMeasurement(uid: string): Measurement | undefined;
  update(uid: string, measurement: Measurement, notYetUpdatedAtSource?: boolean): void;
  remove(uid: string): void;
  jumpToMeasurement?(viewportId: string, uid: string): void;
}

export interface ToolbarButton {
  readonly id: string;
  readonly uiType: string;
  readonly props: Record<string, unknown>;
}

export interface ToolbarService extends PubSub {
  readonly sections?: { readonly primary?: string };
  readonly state: { readonly buttonSections: Readonly<Record<string, readonly string[]>> };
  register(buttons: ToolbarButton[], replace?: boolean): void;
  updateSection(section: string, buttonIds: string[]): void;
  getButton(id: string): ToolbarButton | undefined;
  removeButton?(id: string): void;
  refreshToolbarState(props: { viewportId?: string | null }): void;
}

export interface PanelService extends PubSub {
  readonly PanelPosition: { readonly Right: string };
  getPanels(position: string): readonly { readonly id: string }[];
  addPanel(position: string, panelId: string, options?: object): void;
  activatePanel(panelId: string, forceActive?: boolean): void;
}

export interface CustomizationService {
  getCustomization(name: string): unknown;
  setCustomizations(customizations: Record<string, unknown>, scope?: string): void;
}

export interface UINotificationService {
  show(notification: {
    title: string;
    message: string;
    type?: 'info' | 'success' | 'warning' | 'error';
    duration?: number;
    /** A button in it. */
    action?: { label: string; onClick: () => void };
  }): unknown;
}

/** What an identity provider tells of the person at the viewer (OpenID Connect claims). */
export interface UserAuthenticationService {
  getAuthorizationHeader?(): Readonly<Record<string, string>> | null | undefined;
  getUser(): { readonly profile?: Readonly<Record<string, unknown>> } | null | undefined;
}

export interface Services {
  readonly displaySetService: DisplaySetService;
  readonly viewportGridService: ViewportGridService;
  readonly hangingProtocolService?: HangingProtocolService;
  readonly cornerstoneViewportService: CornerstoneViewportService;
  readonly measurementService: MeasurementService;
  readonly toolbarService: ToolbarService;
  readonly panelService: PanelService;
  readonly customizationService: CustomizationService;
  readonly uiNotificationService: UINotificationService;
  readonly userAuthenticationService?: UserAuthenticationService;
}

export interface ServicesManager {
  readonly services: Services;
}

export interface CommandsManager {
  runCommand(name: string, options?: object, context?: string): unknown;
  getCommand?(name: string, context?: string): object | undefined;
  registerCommand?(context: string, name: string, definition: object): void;
}

export interface Mode {
  readonly id?: string;
  readonly routeName?: string;
  isValidMode?(query: { modalities: string; study: object }): { valid?: boolean | null } | boolean;
}

/** An entry of `dataSources` in the app config. */
export interface DataSourceDefinition {
  readonly namespace: string;
  readonly sourceName: string;
  readonly configuration: object;
}

export interface AppConfig {
  readonly loadedModes?: readonly Mode[];
  readonly dataSources?: DataSourceDefinition[];
  /** Settings as the admin wrote them. */
  readonly customizationService?: unknown;
}

/** The host's own DICOMweb client; its headers carry the login. */
export interface WadoClient {
  headers?: Readonly<Record<string, string>>;
  /** @returns a list of instances in DICOM JSON */
  retrieveSeriesMetadata(series: {
    studyInstanceUID: string;
    seriesInstanceUID: string;
  }): Promise<unknown>;
}

export interface DataSource {
  getImageIdsForDisplaySet?(displaySet: DisplaySet): readonly string[];
  /** Takes a naturalised data set; rejects when the server does. */
  readonly store?: { dicom?(dataset: object): Promise<unknown> };
  readonly query?: {
    readonly studies?: { search?(query: object): unknown };
    readonly series?: { search?(studyInstanceUID: string): unknown };
  };
  readonly retrieve?: { getWadoDicomWebClient?(): WadoClient | undefined };
  /** Makes the next opening of a study ask the server again. */
  deleteStudyMetadataPromise?(studyInstanceUID: string): void;
}

export interface ExtensionManager {
  readonly defaultDataSourceName?: string;
  setActiveDataSource?(sourceName: string): void;
  getModuleEntry(id: string): { readonly exports?: object } | undefined;
  getActiveDataSource?(): readonly DataSource[] | undefined;
}

/** What OHIF hands to every `get...Module` and, in part, to the mode hooks. */
export interface ExtensionParams {
  readonly servicesManager: ServicesManager;
  readonly commandsManager: CommandsManager;
  readonly extensionManager: ExtensionManager;
  readonly appConfig?: AppConfig;
}

/** The host's own cornerstone, not a copy of ours. */
export interface CornerstoneLibraries {
  readonly cornerstone: Pick<
    typeof Cornerstone,
    | 'cache'
    | 'Enums'
    | 'eventTarget'
    | 'getEnabledElement'
    | 'imageLoader'
    | 'metaData'
    | 'utilities'
  > & { readonly version?: string };
  readonly cornerstoneTools: Pick<
    typeof CornerstoneTools,
    | 'addTool'
    | 'annotation'
    | 'AnnotationTool'
    | 'drawing'
    | 'Enums'
    | 'removeTool'
    | 'state'
    | 'ToolGroupManager'
    | 'utilities'
  >;
}

const CORNERSTONE_COMMON = '@ohif/extension-cornerstone.utilityModule.common';

/**
 * @throws Error when OHIF's cornerstone extension is not registered.
 */
export function cornerstoneOf(extensionManager: ExtensionManager): CornerstoneLibraries {
  const common = extensionManager.getModuleEntry(CORNERSTONE_COMMON)?.exports as
    { getCornerstoneLibraries?: () => CornerstoneLibraries } | undefined;
  const libraries = common?.getCornerstoneLibraries?.();
  if (!libraries) {
    throw new Error(
      `Find L3 needs OHIF's extension @ohif/extension-cornerstone, which this viewer has not loaded.`,
    );
  }
  return libraries;
}
