/** The texts about keeping marks: PACS, files, training. The rest is in `en.ts`. */
export const enKeep = {
  'keep.saveNone': 'Save to PACS: no level',
  'keep.saveNoneTitle':
    'All marks of this study were deleted: the PACS is told that it has no level any more',
  'keep.saving': 'Saving …',
  'keep.correction': 'Correction',
  'keep.correctionHint': 'Download this case for training, without anything that names the patient',
  'keep.export': 'Export',
  'keep.pictures': 'Pictures',
  'keep.sagittal': 'PNG sagittal',
  'keep.sagittalHint': 'Download the picture with the levels',
  'keep.axial': 'PNG axial',
  'keep.axialHint': 'Download the axial slice at L3',
  'keep.axialFirst': 'Mark L3 where an axial slice shows it.',
  'keep.visit': 'CSV and JSON of all {count} studies of this visit',
  'keep.saved_one': 'The level was saved to the PACS.',
  'keep.saved_other': '{count} levels were saved to the PACS.',
  'keep.nothingNew': 'Saved: nothing has changed since.',
  'keep.savedNone': 'Saved to the PACS: this study has no level any more.',
  'keep.savedAbsent': 'Saved to the PACS: L3 is not in this scan.',
  'keep.restored_one': 'Saved level restored: {names}.',
  'keep.restored_other': 'Saved levels restored: {names}.',
  'keep.leftOut':
    'A level without an axial image is not in this report. Save it to the PACS in the panel of Find L3.',
  'keep.markOrSay': 'Mark L3 first, or say that it is not in this scan.',
  'keep.correctionFailed': 'No correction was made.',
  'keep.leaveOut': 'Leave this case out.',
  'keep.show': 'Show {label}',
  'keep.markFirst': 'Mark a level first.',
  'keep.searchFirst': 'Search L3 first.',
  'keep.pictureFirst': 'Search L3 first: the picture is what was searched.',
  'keep.notAllowed': 'Your administrator has not allowed the export of corrections.',
  'keep.corrected': 'The correction was downloaded, without anything that names the patient.',
  'keep.correctionAdvice':
    'Move the mark into the searched part of the spine, or leave this case out.',
  'keep.noPacs': 'These images do not come from a PACS that stores reports.',
  'conflict.saving':
    'Somebody else has saved a report of this study since you opened it. Yours is not saved yet.',
  'conflict.opening':
    'This study has reports that do not know of each other. The newest is what the mark shows.',
  'conflict.by': '{reader}, {time}',
  'conflict.unknown': 'name not known',
  'conflict.noTime': 'time not known',
  'conflict.level': '{label} at z {mm}',
  'conflict.withdrawn': 'takes the level back',
  'conflict.mine': 'Keep mine',
  'conflict.mineTitle': 'Saves your mark; it takes the place of the other report',
  'conflict.theirs': 'Use theirs',
  'conflict.theirsTitle': 'Your mark goes (undo brings it back), the other report counts',
  'conflict.both': 'Keep both',
  'conflict.bothTitle': 'Saves both levels in one report',
  'conflict.first': 'Decide first which report counts.',
  'conflict.notSaved':
    'Not saved: somebody else has saved a report of this study. Decide which counts.',
  'conflict.theirsTaken': 'The other report counts now.',
  'unsaved.left': 'Not saved yet: {names}.',
  'unsaved.leftAdvice': 'It is kept while this page stays open, and comes back with the study.',
  'unsaved.return': 'Back to the study',
  'unsaved.back': 'What you had not saved is back.',
  'pacs.unreached': 'The PACS cannot be reached.',
  'pacs.unreachedAdvice':
    'Your mark stays in the viewer. Save again once it is back; leave this study open until then.',
  'pacs.login': 'You may not store in this PACS, or your login has expired.',
  'pacs.loginAdvice':
    'Your mark stays in the viewer. Log in again in another tab and save again, or ask the PACS administrator.',
  'pacs.full': 'The PACS has no room left.',
  'pacs.fullAdvice':
    'Your mark stays in the viewer. Tell the PACS administrator, and save again when there is room.',
  'pacs.noStow': 'This PACS takes no reports from the viewer (it has no STOW-RS).',
  'pacs.noStowAdvice':
    'Your mark stays in the viewer. Export it as a file instead, or ask the PACS administrator.',
  'pacs.failed': 'The PACS failed to store the report (HTTP {status}).',
  'pacs.failedAdvice':
    'Your mark stays in the viewer. Save again in a minute; if it stays, tell the PACS administrator.',
  'pacs.refused': 'The PACS refused the report (HTTP {status}).',
  'pacs.refusedAdvice':
    'Your mark stays in the viewer. Tell the PACS administrator, or export it as a file.',
  'pacs.unlisted':
    'The PACS took the report but does not list it: it may be full, or may refuse reports.',
  'pacs.unlistedAdvice':
    'Your mark stays in the viewer. Save again; if it stays, tell the PACS administrator.',
  'pacs.silent': 'The PACS has not answered yet.',
  'pacs.silentAdvice':
    'Your mark stays in the viewer. It may still store it: look into the study list before you save again.',
  'pacs.exportInstead': 'Export the level as a file instead.',
} as const;
