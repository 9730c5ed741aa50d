/** The part of dcmjs (which carries no types) that is used directly: the data dictionary, DICOM JSON, the log. */
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
