// The program of a thread in which a FrameDecoder decodes, in plain JavaScript: TypeScript's loader would take longer
// to start than the decoders. One message is one frame; each gets one answer.
import { parentPort } from 'node:worker_threads';
import dcmjsCodecs from 'dcmjs-codecs';

const { Context, NativeCodecs, log } = dcmjsCodecs;
log.setLevel('silent');

parentPort.on('message', async ({ decoder, encoded, format }) => {
  try {
    await ready();
    const decoded = NativeCodecs[decoder](
      new Context({
        width: format.columns,
        height: format.rows,
        bitsAllocated: format.bitsAllocated,
        bitsStored: format.bitsStored,
        samplesPerPixel: 1,
        pixelRepresentation: format.signed ? 1 : 0,
        planarConfiguration: 0,
        photometricInterpretation: 'MONOCHROME2',
        encodedBuffer: encoded,
      }),
    ).getDecodedBuffer();
    const bytes = decoded ?? new Uint8Array();
    parentPort.postMessage({ bytes }, [bytes.buffer]);
  } catch (cause) {
    // The decoders share one WebAssembly instance, which a damaged frame leaves without part of its
    // memory or in a state of its own: the next frame gets a fresh one.
    NativeCodecs.release();
    parentPort.postMessage({ why: cause instanceof Error ? cause.message.trim() : String(cause) });
  }
});
await ready();
parentPort.postMessage('ready');

async function ready() {
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
}
