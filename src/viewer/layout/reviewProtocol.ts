import { say } from '../../text/say';

/** What of the study stands in a layout: a series cut in three planes, or two series as they were acquired. */
export type Arrangement = 'CT' | 'MR' | 'stacks';

/** The host's names of the layouts. */
export const PROTOCOL_IDS: Readonly<Record<Arrangement, string>> = {
  CT: 'findL3Review',
  MR: 'findL3ReviewMr',
  stacks: 'findL3ReviewStacks',
};

/** Attributes that the host asks a display set for. */
export const ATTRIBUTES = {
  /** CT or MR where the series can be cut in planes and shares the coordinates of L3; else an empty text. */
  planes: 'findL3ReviewPlanes',
  /** What the series is to the review, see `Role`. */
  role: 'findL3ReviewRole',
} as const;

/** `own`: the series that was searched or marked; `axial`: the one whose slice cuts L3. */
export type Role = 'own' | 'axial' | '';

/** What the host's MPR gives its tools to, in the modes that have one. */
export const PLANES_TOOL_GROUP = 'mpr';
const STACKS_TOOL_GROUP = 'default';

/**
 * The coronal view is a slab so thick that the ribs run in it from the vertebra to the flank, mm: in one
 * plane each is a dot.
 */
const SLAB_MM = 140;
/** In the window of soft tissue a slab of bone is white, HU. */
const BONE = { windowWidth: 1500, windowCenter: 450 };

/** The layout as hanging protocols of the host, one an arrangement. */
export function reviewProtocols() {
  const slab = { blendMode: 'MIP', slabThickness: SLAB_MM };
  return [
    planesOf('CT', { ...slab, voi: BONE }),
    planesOf('MR', slab),
    protocol('stacks', {
      displaySetSelectors: {
        findL3Own: { seriesMatchingRules: [equals(ATTRIBUTES.role, 'own')] },
        findL3Axial: { seriesMatchingRules: [equals(ATTRIBUTES.role, 'axial')] },
      },
      viewports: [
        view('findL3-own', 'findL3Own', { viewportType: 'stack', toolGroupId: STACKS_TOOL_GROUP }),
        view('findL3-axial', 'findL3Axial', {
          viewportType: 'stack',
          toolGroupId: STACKS_TOOL_GROUP,
        }),
      ],
    }),
  ];
}

/** The name is the host's selector of the active viewport's series: what its own MPR goes by. */
const ACTIVE = 'activeDisplaySet';

/** Sagittal, coronal and axial planes of one series. */
function planesOf(modality: 'CT' | 'MR', coronal: object) {
  const plane = (orientation: string, syncGroups: readonly object[], options: object = {}) =>
    view(
      `findL3-${orientation}`,
      ACTIVE,
      {
        viewportType: 'volume',
        toolGroupId: PLANES_TOOL_GROUP,
        orientation,
        initialImageOptions: { preset: 'middle' },
        syncGroups,
      },
      options,
    );
  const end = { source: true, target: true };
  const overlays = { type: 'hydrateseg', id: 'sameFORId', ...end };
  const segmentations = { ...overlays, options: { matchingRules: ['sameFOR'] } };
  const window = { type: 'voi', id: `findL3${modality}`, ...end, options: { syncColormap: true } };
  return protocol(modality, {
    // Of the series that can be shown so, the searched one comes first.
    displaySetSelectors: {
      [ACTIVE]: {
        seriesMatchingRules: [
          equals(ATTRIBUTES.planes, modality),
          { ...equals(ATTRIBUTES.role, 'own'), required: false, weight: 10 },
        ],
      },
    },
    viewports: [
      plane('sagittal', [window, segmentations]),
      plane('coronal', [segmentations], coronal),
      plane('axial', [window, segmentations]),
    ],
  });
}

function equals(attribute: string, value: string) {
  return { weight: 1, attribute, constraint: { equals: { value } }, required: true };
}

function view(viewportId: string, id: string, viewportOptions: object, options: object = {}) {
  return { viewportOptions: { viewportId, ...viewportOptions }, displaySets: [{ id, options }] };
}

function protocol(
  arrangement: Arrangement,
  {
    displaySetSelectors,
    viewports,
  }: { readonly displaySetSelectors: object; readonly viewports: readonly object[] },
) {
  const columns = viewports.length;
  const width = 1 / columns;
  const layoutOptions = viewports.map((_, i) => ({ x: i * width, y: 0, width, height: 1 }));
  const properties = { rows: 1, columns, layoutOptions };
  return {
    id: PROTOCOL_IDS[arrangement],
    get name() {
      return say('layout.review');
    },
    // The host writes what it has read back.
    set name(_: string) {},
    locked: true,
    icon: 'layout-advanced-mpr',
    // In the host's own menu of layouts stands the one that it can offer by the active viewport alone.
    isPreset: arrangement === 'CT',
    availableTo: {},
    editableBy: {},
    numberOfPriorsReferenced: 0,
    protocolMatchingRules: [],
    callbacks: {},
    ...(arrangement !== 'stacks' && { imageLoadStrategy: 'nth' }),
    displaySetSelectors,
    stages: [
      {
        name: PROTOCOL_IDS[arrangement],
        viewportStructure: { layoutType: 'grid', properties },
        viewports,
      },
    ],
  };
}
