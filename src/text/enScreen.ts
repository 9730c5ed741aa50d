/** The texts beside the panel: layout, toolbar button, notices. The rest is in `en.ts`. */
export const enScreen = {
  'button.found': 'L3 was found. Searches again',
  'button.undetermined': 'L3 could not be determined: see the panel. Searches again',
  'button.refused': 'The series cannot be searched: see the panel. Tries again',
  'button.failed': 'The search did not finish: see the panel. Tries again',
  'button.withKey': '{text} ({key})',
  'news.open': 'Open the panel',
  'news.found': 'L3 was found ({percent}). Look at it, then confirm it in the panel.',
  'layout.review': 'Review L3',
  'layout.title': 'Sagittal, coronal and axial at L3, with the levels',
  'layout.leave': 'Former layout',
  'layout.leaveTitle': 'Back to the layout from before',
  'layout.nothing': 'Search L3 or mark it first.',
  'layout.noPlanes': 'The viewer cannot make other planes of this series.',
  'layout.noAxial':
    'No axial series of this study cuts L3, and the viewer cannot make other planes of this one.',
  'layout.notInMode': 'This mode of the viewer shows no other planes.',
};
