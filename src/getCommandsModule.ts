import type { Absence } from './corrections/types';
import type { LevelName } from './levels/types';
import type { FindL3Viewer, ModalityOptions } from './viewer/findL3Viewer';
import type { LevelDefinition } from './viewer/mark/types';
import type { ConflictChoice } from './viewer/keep/types';
import type { ExportOptions } from './viewer/keep/exporting';
import type { TargetOptions } from './viewer/study/target';

/**
 * The commands of Find L3. Each takes one options object and works without it; options that it does
 * not know (the toolbar and hotkeys add their own) are ignored.
 */
export function getCommandsModule(viewer: FindL3Viewer) {
  const { session, keeping, handingOver, layout, review } = viewer;
  const actions = {
    /**
     * Searches L3, jumps to it, marks it. Without options: in the active viewport's series. A large series
     * is asked about first, unless `readLarge` is set. By key (the host then gives the event) or with
     * `takesFocus`, the panel's answer gets the focus. Of a series that holds several scans the best is
     * searched, or the `part` of that name.
     *
     * @returns a promise of the finding, or of null when nothing was searched, the search failed, or
     * it was cancelled
     */
    findL3: ({
      viewportId,
      displaySetInstanceUID,
      readLarge,
      evt,
      takesFocus = evt !== undefined,
      part,
    }: TargetOptions & {
      readLarge?: boolean;
      takesFocus?: boolean;
      evt?: KeyboardEvent;
      part?: string;
    } = {}) => session.find({ viewportId, displaySetInstanceUID, readLarge, takesFocus, part }),
    /** Cancels the search that runs or that the panel asks about. */
    cancelFindL3: () => session.cancel(),
    /** A person says whether a series whose file does not say so (NIfTI) is CT or MR; nothing without a modality. */
    chooseModality: (options: ModalityOptions = {}) => viewer.chooseModality(options),
    /** Shows the card of the model package in the panel. */
    showModelCard: () => session.showModelCard(),
    hideModelCard: () => session.hideModelCard(),
    /** Shows a level of the last answer; L3 when none is named. */
    jumpToLevel: ({ level = 'L3' }: { level?: LevelName } = {}) => session.showing?.level(level),
    /** Shows an alternative of the last answer; the first when none is named. */
    showAlternative: ({ index = 0 }: { index?: number } = {}) =>
      session.showing?.alternative(index),
    /** Shows the axial slice of the study that cuts what is shown of a sagittal (MR) answer. */
    showAxialSlice: () => session.showing?.axialSlice(),
    /** Moves the L3 mark to a height (LPS z, mm); `isLive` while a drag goes on. */
    moveLevelMark: ({ zMm, isLive }: { zMm?: number; isLive?: boolean } = {}) =>
      session.marking?.moveLevelMark({ zMm, isLive }),
    /**
     * Makes L3 what is on screen: the level or alternative that lies on the slice of the axial view, else
     * that slice. With a viewport named: its slice.
     */
    setLevelFromCurrentSlice: ({ viewportId }: { viewportId?: string } = {}) =>
      viewportId
        ? session.marking?.setLevelFromCurrentSlice({ viewportId })
        : session.showing?.markThis(),
    /** Makes L3 what a numbering calls L3: an alternative of the answer, or what was found where none is named. */
    chooseNumbering: ({ index = null }: { index?: number | null } = {}) =>
      session.showing?.choose(index),
    /** Puts the mark where the search proposes it, in place of where a person had it. */
    useProposal: () => session.marking?.placing.useProposal(),
    /** Leaves the mark where a person has it: what the search proposes is put away. */
    keepMark: () => session.marking?.placing.keepMark(),
    /** Moves the numbering by whole vertebrae: 1 is one higher, -1 one lower. */
    shiftNumbering: ({ by }: { by?: number } = {}) => session.marking?.shiftNumbering({ by }),
    /**
     * Shows L3 or the candidate in the layout Review L3 (sagittal, coronal, axial; MR with an axial series as
     * acquired), or brings the former layout back.
     */
    toggleReviewLayout: () => layout.toggle(),
    /** Shows all visible levels T11 to S1 beside the spine, or hides them. */
    toggleLevelRuler: () => session.marking?.toggleLevelRuler(),
    /** Chooses what of the vertebra is marked; the middle of the body when nothing is named. */
    setLevelDefinition: ({ definition }: { definition?: LevelDefinition } = {}) =>
      session.marking?.setLevelDefinition({ definition }),
    /** Puts the level tool in hand, so that the next press in a viewport marks L3; or puts it back. */
    takeLevelTool: () => session.marking?.takeLevelTool(),
    /** Moves the viewports to a mark; to the last one made when none is named. */
    showLevelMark: ({ annotationUID }: { annotationUID?: string } = {}) =>
      session.marking?.showLevelMark({ annotationUID }),
    /**
     * A person says that L3 is not in the searched scan, because it ends above L3 or begins below: its
     * mark is removed (undo brings it back). Without options, takes that back.
     */
    setL3Absent: ({ absence }: { absence?: Absence } = {}) =>
      session.marking?.setL3Absent({ absence }),
    /**
     * Between one's own marks and reports that others have saved: which count. One's own when nothing is
     * said; what is decided is saved.
     */
    resolveReports: ({ choice }: { choice?: ConflictChoice } = {}) => keeping.resolve(choice),
    /**
     * A person agrees with what is marked and on screen, and it is saved. A key that is held down
     * confirms nothing.
     */
    confirmLevel: ({ evt }: { evt?: KeyboardEvent } = {}) => keeping.confirm(evt),
    /** Saves the marks that changed to the PACS, as a structured report for each study. */
    saveLevels: () => keeping.save(),
    /**
     * Downloads the marks of the active study (or of the whole visit) as CSV or JSON, or as PNG the
     * searched projection with its levels or, with the view 'axial', the axial slice at L3.
     */
    exportLevels: ({ format, scope, view }: ExportOptions = {}) =>
      keeping.exporting.export({ format, scope, view }),
    /**
     * Downloads the DICOM file of the slice at L3, as it is stored, or a zip file of it and so many slices
     * `around` it on both sides: of the series that the reader looks at.
     */
    handOverSlices: ({ around }: { around?: number } = {}) =>
      handingOver.downloadSlices({ around }),
    /**
     * Opens a list of studies to review: a batch's results (`file`, or `address` on the viewer's own server),
     * or with `pacs` the level reports in the PACS that nobody has confirmed. Without options, nothing.
     */
    openReviewList: ({
      file,
      address,
      pacs,
    }: { file?: Blob; address?: string; pacs?: boolean } = {}) => {
      const source = file
        ? { file }
        : address
          ? { address }
          : pacs
            ? { pacs: true as const }
            : null;
      return source ? review.open(source) : undefined;
    },
    /** Ends the review; what was saved stays. */
    closeReview: () => review.close(),
    /** Opens the next study of the list that nobody is done with. */
    nextInReview: () => review.next(),
    /** As `confirmLevel`, and opens the next study once that is saved. */
    confirmInReview: ({ evt }: { evt?: KeyboardEvent } = {}) => review.confirm(evt),
    /** As `setLevelFromCurrentSlice`, while a study of the list is open. */
    fixInReview: ({ evt }: { evt?: KeyboardEvent } = {}) =>
      review.whileListed(evt, () => session.showing?.markThis()),
    /** As `setL3Absent`, while a study of the list is open. */
    denyInReview: ({ absence, evt }: { absence?: Absence; evt?: KeyboardEvent } = {}) =>
      review.whileListed(evt, () => absence && session.marking?.setL3Absent({ absence })),
    /** Copies SOP Instance UID and height of that slice. */
    copySliceName: () => handingOver.copyName(),
    /** Downloads the corrected or confirmed search for training, de-identified, where that is allowed. */
    exportCorrection: () => keeping.exporting.exportCorrection(),
  };
  const definitions = Object.fromEntries(
    Object.entries(actions).map(([name, commandFn]) => [name, { commandFn }]),
  );
  return { actions, definitions, defaultContext: 'CORNERSTONE' };
}
