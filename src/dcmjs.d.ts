/** The part of dcmjs (which carries no types) that is used directly: the data dictionary, DICOM JSON, files, the log. */
declare module 'dcmjs' {
  interface DictionaryEntry {
    /** `(GGGG,EEEE)` */
    tag: string;
    /** A VR, or `xs`, `ox`, `lt`, `up`, `na` where the standard leaves it to the context. */
    vr: string;
    vm: string;
    /** The attribute's keyword. */
    name: string;
  }
  const dcmjs: {
    log: { getLogger(name: string): { disableAll(): void } };
    data: {
      /** @param dataset naturalised, with `_meta` */
      datasetToDict(dataset: object): { write(): ArrayBuffer };
      DicomMetaDictionary: {
        dictionary: Record<string, DictionaryEntry | undefined>;
        nameMap: Record<string, DictionaryEntry | undefined>;
        /** Naturalised to DICOM JSON. */
        denaturalizeDataset(dataset: object): object;
      };
    };
  };
  export default dcmjs;
}
