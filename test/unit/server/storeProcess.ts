import { DicomIndex } from '../../../src/server/dicomweb/dicomIndex';
import { InstanceStore } from '../../../src/server/store/instanceStore';

/** A process of its own that opens a store, says whether it may write there, and stays until it is ended. */
const [folder, former] = process.argv.slice(2);
const store = new InstanceStore({ folder: folder!, former }, new DicomIndex());
void store.open().then((obstacle) => {
  process.stdout.write(`${JSON.stringify({ obstacle })}\n`);
  setInterval(() => {}, 60_000);
});
