/** What a DICOM header may hold where a name or a description is expected. */
export const MARKUP = '<img src="/marked-up" onerror="window.markedUp=1">';
