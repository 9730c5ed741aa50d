import { PHRASE_TEXTS, type PhraseCode } from '../reasons/phrases';
import { REASON_TEXTS, type ReasonCode } from '../reasons/reasons';
import { enKeep } from './enKeep';
import { enScreen } from './enScreen';
import { enSite } from './enSite';

/**
 * Every text of the viewer that a person reads, in English: the source of the translations. `{name}`
 * stands for a value; a key that ends in `_one` or `_other` is chosen by the value `count`.
 */
const VIEWER = {
  'list.comma': ', ',

  // the search
  title: 'Find L3',
  'search.start': 'Find L3',
  'search.tooltip': 'Go to the mid-L3 slice of this series',
  'search.busy': 'Searching …',
  'search.cancel': 'Cancel',
  'search.again': 'Try again',
  'search.once': 'Search again',
  'search.againTitle': 'Searches this series once more; your mark stays',
  'search.intro':
    'Finds the slice through the middle of the L3 vertebral body, shows it, and marks it with a line that you can move.',
  'search.cancelled': 'The search was cancelled.',
  'search.failed': 'The search did not finish',
  'search.running': 'Find L3 is running. Cancel it in its panel to start again.',
  'search.notHere': 'Find L3 is not enabled in this mode of the viewer.',
  disclaimer: 'Not for diagnostic use.',
  'stage.starting': 'Starting',
  'stage.model': 'Loading the model',
  'stage.reading': 'Reading slices',
  'stage.projecting': 'Projecting',
  'stage.inference': 'Running the model',
  'stage.decoding': 'Naming the levels',
  'stage.megabytes': '{stage} {done} of {of} MB',
  'stage.count': '{stage} {done}/{of}',

  // the series that is used
  'target.loading': 'The viewer is still loading.',
  'target.noViewport': 'Open a CT or MR series in a viewport first.',
  'target.empty': 'The active viewport shows no series. Choose a CT or MR series.',
  'target.notLoaded': 'The series is not loaded. Open it in a viewport first.',
  'target.modality': 'Find L3 works on CT and MR series; the active viewport shows {modality}.',
  'target.noModality':
    'Find L3 works on CT and MR series; the active viewport shows a series without a modality.',
  'target.noneUsable':
    'The active viewport shows no CT or MR images ({modality}), and none of the CT and MR series in this study can be searched.',
  'target.unsupported': 'The viewer cannot show this series as images.',
  'modality.group': 'Modality of this file',
  'modality.choose': 'Search it as {modality}; marks and what is saved stay',
  'modality.values.CT': 'Assumed: some values are as low as air in CT. The file does not say.',
  'modality.values.MR': 'Assumed: no value is as low as air in CT. The file does not say.',
  'modality.address': 'As the address of the page says; the file does not.',
  'modality.person': 'As you chose; the file does not say.',
  'modality.changed': 'Modality changed: what was found before is taken back. Search again.',
  'series.unnamed': 'Series',
  'series.numbered': 'Series {number}',
  'series.described': '{series}: {description}',
  'series.images_one': '{modality}, {count} image',
  'series.images_other': '{modality}, {count} images',
  'series.aSeries': 'a series',
  'series.ASeries': 'A series',
  'series.seriesNumber': 'series {number}',
  'series.SeriesNumber': 'Series {number}',
  'series.inBrackets': '{series} ({description})',
  'plane.axial': 'axial',
  'plane.sagittal': 'sagittal',
  'plane.weighted': '{plane} {contrast}',
  'instead.chosen': 'Chosen in this study: {plane}, {heightMm} mm from head to foot.',
  'instead.notUsed': '{series} is not used: {why}',
  'instead.noImages': 'it holds no CT or MR images.',
  'instead.noImagesBut': 'it holds no CT or MR images ({modality}).',
  'instead.tooShort': 'its axial slices cover only {heightMm} mm.',
  'instead.notAxial': 'its sagittal slices were computed from an axial series.',
  'axial.cuts': '{series}: slice {number} cuts it.',
  'axial.gap': '{series}: slice {number} is nearest, {distance} off, in the gap between slices.',
  'axial.elsewhere': 'No axial slice cuts it: {series} shows another part of the body.',
  'axial.noneCuts': 'No axial slice cuts it: the nearest, of {series}, is {distance} away.',
  'axial.otherFrame':
    'The axial series have another frame of reference: where they cut it is not known.',
  'axial.none': 'The study has no axial series.',
  'axial.show': 'Show axial',

  // a series that takes long to read
  'large.title': 'A large series',
  'large.what_one': 'To search it, {count} image is read: about {megabytes} MB.',
  'large.what_other': 'To search it, {count} images are read: about {megabytes} MB.',
  'large.advice': 'Read it, or cancel and choose a series with thicker slices.',
  'large.read': 'Read it',

  // the model
  'model.card': 'Model card',
  'model.about': 'About the model',
  'model.close': 'Close',
  'model.loading': 'Loading the model card',
  'model.noCard': 'The model package has no model card.',
  'model.noCardAdvice': 'Ask whoever installed Find L3 for {file} of the model package.',
  'model.from': 'Model {name} ({megabytes} MB) from {address}',
  'model.inEnglish': 'As the model package gives it.',

  // the answer
  'answer.undetermined': 'L3 could not be determined',
  'answer.refused': 'This series cannot be used',
  'answer.head': 'L3: slice {number} of {count}',
  'answer.slice': 'Slice {number} of {count}',
  'answer.sliceInText': 'slice {number} of {count}',
  'answer.height': 'z {mm}',
  'answer.confidenceHigh': 'High confidence',
  'answer.confidenceModerate': 'Moderate confidence, compare the neighbours',
  'answer.confidenceLow': 'Low confidence, compare the neighbours',
  'answer.spoken': 'L3 found at z {mm}, {percent}.',
  'answer.spokenNot': '{what}. {why}',
  'answer.alternatives': 'Alternatives',
  'answer.candidates': 'Candidates',
  'parts.others': 'Other parts of the series',
  'parts.search': 'Search this part instead',
  'parts.slices_one': '{count} slice',
  'parts.slices_other': '{count} slices',
  'answer.ranOn': 'Ran on',
  'answer.took': 'Took',
  'answer.model': 'Model',
  'answer.timing': '{total} s (reading {read}, model {model})',
  'runtime.webgpu': 'Graphics card (WebGPU)',
  'runtime.wasm_one': 'Processor (wasm, {count} thread)',
  'runtime.wasm_other': 'Processor (wasm, {count} threads)',
  'runtime.because': '{runtime}: {why}',
  'gpu.notWanted': 'wasm was asked for',
  'gpu.insecure': 'WebGPU needs HTTPS (or localhost)',
  'gpu.missing': 'this browser has no WebGPU',
  'gpu.noAdapter': 'this browser offers no GPU adapter',
  'gpu.failed': 'WebGPU failed',

  // how L3 stands
  'state.none': 'Nothing is marked.',
  'state.found': 'Found, not confirmed yet',
  'state.reported': 'Saved, not confirmed yet',
  'state.proposed': 'Two places: choose one',
  'state.absent': 'L3 is not in this scan',
  'state.confirmed': 'Confirmed',
  'state.moved': 'Moved by hand',
  'state.renumbered': 'Renumbered by hand',
  'state.placed': 'Placed by hand',
  'state.by': '{what}: {reader}, {time}',
  'state.at': '{what}, {time}',
  'state.saved': 'Saved',
  'state.unsaved': 'Not saved',
  'state.unsavedMark': 'not saved',
  'state.saving': 'Saving',
  'confirm.save': 'Confirm & save',
  'confirm.only': 'Confirm',
  'confirm.title':
    'L3 is right as it is marked. Enter confirms what was found, while this button has the focus',
  'confirm.look': 'L3 was not on screen. Look at it now, then confirm.',
  'confirm.decideFirst': 'Choose first between the two places.',
  undo: 'Undo',
  'undo.title': 'Takes the last change in the viewer back',
  more: 'More',

  // the picture
  'picture.levels': 'Sagittal projection of the spine with levels {names}',
  'picture.candidates': 'Sagittal projection of the spine with candidates {names}',
  'picture.making': 'The picture is being made',
  'picture.plain': 'Sagittal projection of the spine',
  'picture.show': 'Show {name} ({percent})',
  'picture.showFoundAs': 'Show {name} ({percent}, found as {level})',
  'picture.showCandidate': 'Show candidate {name}: {why}',
  'picture.hint': 'Choose a line to show',
  'picture.shown': 'Shown: {what}',
  'picture.notShown': 'No viewport shows this series. Open it, then choose L3 in the picture.',
  'picture.levelLine': '{label}, level line',
  'picture.front': 'A',
  'picture.back': 'P',
  'picture.heat': 'Heat map',
  'picture.heatTitle': 'What the network takes for L3, before the counting',

  // the picture over the viewports
  'enlarged.title': 'The picture, larger',
  'enlarged.which': 'Two numberings are possible: which is right?',
  'enlarged.close': 'Close (Esc)',
  'enlarged.choose': 'This one: L3 at {height}',
  'enlarged.found': 'As found',
  'enlarged.other': 'The other numbering',
  'enlarged.sacrum': 'sacrum',
  'enlarged.lastRib': 'last rib',

  // the mark
  'mark.correct': 'Correct the mark',
  'mark.dragHint': 'To correct it, drag the line: here, or in a sagittal or coronal view.',
  'mark.dragViews':
    'To correct it, drag the line in a sagittal or coronal view, or scroll to another slice and make it L3.',
  'mark.none': 'Nothing is marked yet.',
  'mark.first': 'Mark L3 first.',
  'mark.locked': 'The mark is locked. Unlock it in the measurement panel to move it.',
  'mark.takeTool': 'Mark it yourself',
  'mark.takeToolTitle': 'Then press in a view at the height of L3',
  'mark.inHand': 'Press on L3 in a view',
  'mark.thisSlice': 'Make this slice L3',
  'mark.thisSliceTitle': 'The slice on screen becomes L3',
  'mark.isThisSlice': 'This slice is L3.',
  'mark.openAxial': 'Open an axial view of the series first, and scroll it to the slice of L3.',
  'mark.noPosition':
    'This view has no position in the patient, so that no level can be marked in it.',
  'mark.shiftUp': 'One up',
  'mark.shiftUpTitle': 'The vertebra above is L3: move all names one vertebra up',
  'mark.shiftDown': 'One down',
  'mark.shiftDownTitle': 'The vertebra below is L3: move all names one vertebra down',
  'mark.noLevels': 'Numbering is moved along the levels that were found.',
  'mark.noVertebra': 'No further vertebra was found there.',
  'mark.noneAbove': 'No vertebra was found above.',
  'mark.noneBelow': 'No vertebra was found below.',
  'mark.ruler': 'All levels',
  'mark.rulerTitle': 'Show all visible levels beside the spine in sagittal and coronal views',
  'mark.lineMarks': 'Line marks',
  'mark.place': 'z {mm}',
  'mark.placeOnSlice': 'slice {number}, z {mm}',
  'mark.yours': 'Your mark: {place}',
  'mark.yoursAbove': 'Your mark: {place} ({distance} above the answer)',
  'mark.yoursBelow': 'Your mark: {place} ({distance} below the answer)',
  'mark.byHand': 'by hand',
  'mark.moved': 'moved',
  'mark.movedByHand': 'moved by hand',
  'mark.asFound': 'as found',
  'mark.onSlice': 'Slice {number}, {how}',
  'mark.ofSeries': '{label} (series {number})',
  'mark.foundOnSlice': 'Found: slice {number}, z {mm}',
  'mark.found': 'Found: z {mm}',
  'mark.label': '{label}: slice {number} of {count}',
  'mark.saved': 'saved',
  'mark.tag.confirmed': 'confirmed',
  'mark.tag.unconfirmed': 'not confirmed yet',
  'mark.tag.moved': 'moved by hand',
  'mark.tag.renumbered': 'renumbered',
  'mark.tag.placed': 'placed by hand',
  'proposal.is': 'The search puts L3 at another place',
  'proposal.above': '{distance} above the mark',
  'proposal.below': '{distance} below the mark',
  'proposal.same': 'in the same vertebra',
  'proposal.higher_one': 'one vertebra higher',
  'proposal.higher_other': '{count} vertebrae higher',
  'proposal.lower_one': 'one vertebra lower',
  'proposal.lower_other': '{count} vertebrae lower',
  'proposal.use': 'Use it',
  'proposal.useTitle': 'Move the mark to the dashed line; undo brings it back',
  'proposal.keep': 'Keep mine',
  'proposal.keepTitle': 'Leave the mark where it is, and put the dashed line away',
  'absent.is': 'L3 is not in this scan',
  'absent.title': 'Removes the mark, and lets this case be exported as a correction',
  'absent.back': 'It is in this scan after all',
  'absent.reported': 'Saved report',
  'absent.statement': 'your statement',
  'absent.choose.ends-above-l3': 'It ends above L3 (chest)',
  'absent.choose.begins-below-l3': 'It begins below L3 (pelvis)',
  'absent.says.ends-above-l3': 'The scan ends above L3.',
  'absent.says.begins-below-l3': 'The scan begins below L3.',
  'counted.sacrum': 'Counted up from the sacrum',
  'counted.last-rib': 'Counted down from the last rib',
  'counted.both': 'Counted up from the sacrum and down from the last rib',
  'counted.bothDiffering':
    'Counted up from the sacrum and down from the last rib; they do not quite agree',
  'counted.thenUp_one': '{counted}, then moved one vertebra up by hand',
  'counted.thenUp_other': '{counted}, then moved {count} vertebrae up by hand',
  'counted.thenDown_one': '{counted}, then moved one vertebra down by hand',
  'counted.thenDown_other': '{counted}, then moved {count} vertebrae down by hand',
  'definition.mid-body': 'middle of the body',
  'definition.superior-endplate': 'superior endplate',
  'definition.inferior-endplate': 'inferior endplate',
  'definition.says.mid-body': 'Mid-L3: the height of the centre of the L3 vertebral body.',
  'definition.says.superior-endplate':
    'Marked: the superior endplate of L3, estimated from its distance to L2.',
  'definition.says.inferior-endplate':
    'Marked: the inferior endplate of L3, estimated from its distance to L4.',
  'definition.estimated':
    'The endplates are estimated from the distance to the neighbouring vertebra (37 % of it), not measured on the image.',
  'definition.label.superior-endplate': '{label}, upper endplate',
  'definition.label.inferior-endplate': '{label}, lower endplate',
  'hotkey.confirm': 'Confirm and save the L3 on screen',
  'hotkey.numberingUp': 'L3 is one vertebra higher',
  'hotkey.numberingDown': 'L3 is one vertebra lower',
  'hotkey.reviewConfirm': 'Review: confirm, save, next study',
  'hotkey.reviewNext': 'Review: next study',
  'hotkey.reviewFix': 'Review: the slice on screen is L3',
  'hotkey.reviewAbove': 'Review: the scan ends above L3',
  'hotkey.reviewBelow': 'Review: the scan begins below L3',
  'hotkey.ruler': 'All levels of the spine',
} as const;

/** What went wrong, and what to do about it. */
const PROBLEMS = {
  'problem.unexpected': 'Something went wrong that Find L3 did not expect.',
  'problem.unexpectedAdvice': 'Try again; if it stays, report it with this text.',
  'problem.replaced': 'Find L3 was updated on the server since this page was opened.',
  'problem.replacedAdvice': 'Save what is not saved, then reload this page.',
  'problem.manifest': 'The model package cannot be used: its manifest is missing or wrong.',
  'problem.checksum': 'The model file is not the one that its manifest names.',
  'problem.copyAdvice':
    'Ask whoever installed Find L3 to copy the model package again, complete and unchanged.',
  'problem.download': 'The model could not be downloaded.',
  'problem.downloadAdvice': 'Check the connection to the viewer’s server, then try again.',
  'problem.runtime': 'The model could not be run in this browser.',
  'problem.runtimeAdvice':
    'Try again in a current Chrome, Edge or Firefox; if it stays, report it with this text.',
  'problem.knownAnswer': 'The model computes wrong values in this browser, so it is not used.',
  'problem.knownAnswerAdvice':
    'Update the browser or the graphics driver, or try another browser; the computed values were wrong.',
  'problem.output': 'The model gave no usable output.',
  'problem.input': 'The projection does not fit the model.',
  'problem.noModel': 'No model is installed.',
  'problem.noModelAdvice':
    'Ask whoever installed Find L3 to put a model package into {folder} and to name it in index.json there.',
  'problem.slice': 'Slice {number} of {count} could not be read: {why}.',
  'problem.sliceUid':
    'Slice {number} of {count} (SOP Instance UID {uid}) could not be read: {why}.',
  'problem.sliceAdvice':
    'Check that the viewer shows this slice, then try again; if it does not, load the series again.',
  'problem.session':
    'Slice {number} of {count} (SOP Instance UID {uid}) could not be read: the server asks for a login. Your session may have ended.',
  'problem.sessionAdvice':
    'Log in again in another tab, then try again. The slices that were read are kept.',
  'problem.sessionAllAdvice': 'Log in again in another tab, then try again.',
  'problem.silent':
    'Slice {number} of {count} (SOP Instance UID {uid}) could not be read: the server has not answered within {seconds} s, asked {attempts} times.',
  'problem.silentAdvice':
    'Try again: the slices that were read are kept. If it stays so, tell the PACS administrator which slice it is.',
  'problem.silentAllAdvice':
    'Try again. If it stays so, tell the PACS administrator which slice it is.',
  'problem.noPicture': 'The browser made no picture.',
  'problem.noPictureAdvice': 'Close other tabs and try again.',
  'problem.noImage': 'The viewer knows no image of the study that was marked.',
  'problem.noImageAdvice': 'Open the marked series in a viewport, then save again.',
  'notice.close': 'Close',
  'nifti.reading': 'Reading the NIfTI file …',
  'nifti.guessed': 'NIfTI files do not state their modality; by its values, {what}.',
  'nifti.guessedAdvice':
    'If this is wrong, change it in the panel of Find L3, beside the name of the series.',
  'nifti.studies': 'Studies',
  'nifti.noMode': 'No mode of this viewer has Find L3, so none can show the file.',
  'nifti.noModeAdvice': 'Ask whoever installed Find L3 to look at the setting findL3.modes.',
  'nifti.closed': 'The NIfTI file is not open any more.',
  'nifti.closedAdvice': 'Open or drop it again.',
  'nifti.orientationAdvice':
    'Without an sform or qform (code above 0) left, right and height are unknown: convert the original images again with a converter that writes them.',
  'nifti.volumesAdvice': 'Save one of its volumes as a file of its own.',
  'nifti.pixelsAdvice': 'Save it with one number for each voxel.',
  'nifti.unnamed': 'The address names no NIfTI file.',
  'nifti.unnamedAdvice': 'Give the address of one as url=..., or drop a file on the page.',
  'nifti.damaged': '{name} {detail}.',
  'nifti.gone': 'The file that was dropped is not at hand any more: the page was loaded anew.',
  'nifti.goneAdvice': 'Drop it on the page again.',
  'nifti.unread': '{name} cannot be read ({why}).',
  'nifti.noAddress': '{address} is no address.',
  'nifti.noAddressAdvice': 'Correct the address of the page.',
  'nifti.foreign': '{address} is on another server; only files of the viewer’s own are opened.',
  'nifti.foreignAdvice': 'Download the file and drop it on the page.',
  'nifti.unfetched': '{name} cannot be fetched ({why}).',
  'nifti.unfetchedAdvice': 'Check the address, and that you may read the file.',
} as const;

type ReasonKey = `reason.${ReasonCode}.${'message' | 'advice'}`;
type PhraseKey = `phrase.${PhraseCode}`;

const REASONS = Object.fromEntries(
  Object.entries(REASON_TEXTS).flatMap(([code, { message, advice }]) => [
    [`reason.${code}.message`, message],
    [`reason.${code}.advice`, advice],
  ]),
) as Readonly<Record<ReasonKey, string>>;

const PHRASES = Object.fromEntries(
  Object.entries(PHRASE_TEXTS).map(([code, text]) => [`phrase.${code}`, text]),
) as Readonly<Record<PhraseKey, string>>;

export const en = {
  ...VIEWER,
  ...enKeep,
  ...enScreen,
  ...enSite,
  ...PROBLEMS,
  ...REASONS,
  ...PHRASES,
};

type Counted<Key> = Key extends `${infer Base}_other` ? Base : never;
/** Of languages that count otherwise than English (`Intl.PluralRules`). */
type OtherPlural = `${Counted<keyof typeof en>}_${'zero' | 'two' | 'few' | 'many'}`;

/** A language's texts: all keys of English, and what further plurals it has. */
export type Texts = Readonly<
  Record<keyof typeof en, string> & Partial<Record<OtherPlural, string>>
>;
