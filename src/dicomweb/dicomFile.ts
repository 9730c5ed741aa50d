import dcmjs from 'dcmjs';

/**
 * A data set as a DICOM file (PS3.10).
 *
 * @param dataset dcmjs' naturalised form, with `_meta`, whose Transfer Syntax UID is that of the file
 */
export function dicomFile({
  _meta,
  ...dataset
}: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
  // It complains of attributes that are empty, as they may be.
  dcmjs.log.getLogger('validation.dcmjs').disableAll();
  const { TransferSyntaxUID } = _meta as Readonly<Record<string, unknown>>;
  return new Uint8Array(
    dcmjs.data.datasetToDict({ ...dataset, _meta: { TransferSyntaxUID } }).write(),
  );
}
