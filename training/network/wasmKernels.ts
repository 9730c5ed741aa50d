import type { Tensor4D } from '@tensorflow/tfjs-node';

/**
 * Gradients of the convolution for TensorFlow.js on WebAssembly, which has none for the kernel and a
 * slow one for the input. Both are convolutions themselves, and those are fast.
 */

type Padding = 'same' | 'valid' | number;

interface ConvolutionAttributes {
  readonly strides: number | readonly [number, number];
  readonly pad: Padding;
  readonly dataFormat: 'NHWC' | 'NCHW';
}

let registered = false;

type TensorFlow = typeof import('@tensorflow/tfjs-node');

/** Registers the kernels with a TensorFlow.js; they take the place of the backend's own. */
export function registerWasmKernels(tf: TensorFlow): void {
  if (registered) return;
  registered = true;
  tf.unregisterKernel('Conv2DBackpropInput', 'wasm');
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      // The gradients of TensorFlow.js call kernels with whole tensors.
      const { x, dy } = inputs as unknown as { x: Tensor4D; dy: Tensor4D };
      const { filterShape } = attrs as unknown as { filterShape: [number, number, number, number] };
      return tf.tidy(() =>
        kernelGradient(tf, x, dy, filterShape, attrs as unknown as ConvolutionAttributes),
      );
    },
  });
  tf.registerKernel({
    kernelName: 'Conv2DBackpropInput',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as unknown as { dy: Tensor4D; filter: Tensor4D };
      const { pad, ...rest } = attrs as unknown as ConvolutionAttributes;
      const [down, across] = stridesOf(rest);
      if (down !== 1 || across !== 1 || pad !== 'same') {
        throw new Error('On WebAssembly only convolutions of stride 1 pass gradients on.');
      }
      return tf.tidy(() => {
        const mirrored = tf.reverse(filter, [0, 1]).transpose([0, 1, 3, 2]);
        return tf.conv2d(dy, mirrored as Tensor4D, 1, 'same');
      });
    },
  });
}

/** One convolution over the pictures as channels: every place of the kernel sees the whole gradient. */
function kernelGradient(
  tf: TensorFlow,
  x: Tensor4D,
  dy: Tensor4D,
  [height, width]: readonly [number, number, number, number],
  { strides, pad }: ConvolutionAttributes,
): Tensor4D {
  if (pad !== 'same') throw new Error('On WebAssembly only padding "same" has a gradient.');
  const [down, across] = stridesOf({ strides });
  // As TensorFlow pads: the odd pixel comes last.
  const before = (size: number, out: number, stride: number, kernel: number) => {
    const total = Math.max(0, (out - 1) * stride + kernel - size);
    return [Math.floor(total / 2), total - Math.floor(total / 2)] as [number, number];
  };
  const pads = [
    [0, 0],
    before(x.shape[1], dy.shape[1], down, height),
    before(x.shape[2], dy.shape[2], across, width),
    [0, 0],
  ] as [number, number][];
  const pictures = tf.pad(x, pads).transpose([3, 1, 2, 0]) as Tensor4D;
  const gradient = dy.transpose([1, 2, 0, 3]) as Tensor4D;
  const result = tf.conv2d(pictures, gradient, 1, 'valid', 'NHWC', [down, across]);
  // A size that is no multiple of the stride leaves rows that no output saw.
  return result.slice([0, 0, 0, 0], [-1, height, width, -1]).transpose([1, 2, 0, 3]) as Tensor4D;
}

const stridesOf = ({
  strides,
}: Pick<ConvolutionAttributes, 'strides'>): readonly [number, number] =>
  typeof strides === 'number' ? [strides, strides] : strides;
