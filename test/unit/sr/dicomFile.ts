import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import dcmjs from 'dcmjs';
import type { Dataset } from '../../../src/sr/types';

/** The part of dcmjs that writes and reads files; it carries no types. */
interface DicomFiles {
  readonly data: {
    datasetToDict(dataset: Dataset): { write(): ArrayBuffer };
    DicomMessage: { readFile(bytes: ArrayBuffer): { dict: object } };
    DicomMetaDictionary: { naturalizeDataset(dict: object): Dataset };
  };
}
const { data } = dcmjs as unknown as DicomFiles;

/** As the viewer's data source writes what it is given to store. */
export function fileOf(dataset: Dataset): ArrayBuffer {
  dcmjs.log.getLogger('validation.dcmjs').disableAll();
  const { _meta, ...rest } = dataset;
  return data
    .datasetToDict({ ...rest, _meta: { TransferSyntaxUID: (_meta as Dataset).TransferSyntaxUID } })
    .write();
}

export function readBack(file: ArrayBuffer): Dataset {
  return naturalized(data.DicomMessage.readFile(file).dict);
}

/** @param dict by tag, as dcmjs reads a file or in the DICOM JSON model */
export function naturalized(dict: object): Dataset {
  return data.DicomMetaDictionary.naturalizeDataset(dict);
}

/** What a program says of the file, or null where it is not installed. */
export function ask(program: string, args: readonly string[], file: ArrayBuffer): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'find-l3-sr-'));
  try {
    const path = join(folder, 'report.dcm');
    writeFileSync(path, new Uint8Array(file));
    const { error, stdout, stderr } = spawnSync(program, [...args, path], { encoding: 'utf8' });
    return error ? null : `${stdout}\n${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, [], { encoding: 'utf8' }).error === undefined;
}
