/** A file on PyPI, which never changes one. */
export interface Wheel {
  readonly requirement: string;
  readonly file: string;
  readonly sha256: string;
}

/** A TensorFlow.js for Node, and the native library it is given. */
export interface Variant {
  readonly npmPackage: string;
  /** Argument of TensorFlow.js's install script. */
  readonly kind: 'cpu' | 'gpu';
  readonly wheel: Wheel;
  /** What the library loads at run time on a machine with an NVIDIA GPU. */
  readonly cuda: readonly Wheel[];
  /** Room that download and unpacking need, bytes. */
  readonly room: number;
}

/**
 * TensorFlow.js 4.22 was written for libtensorflow 2.9.1. The Python package of 2.15.1 holds the
 * same C library and is the last whose CUDA (12.2) comes from PyPI with cuDNN 8.
 */
export const CPU: Variant = {
  npmPackage: '@tensorflow/tfjs-node',
  kind: 'cpu',
  wheel: {
    requirement: 'tensorflow-cpu==2.15.1',
    file: 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  },
  cuda: [],
  room: 1.5e9,
};

const nvidia = (name: string, version: string, sha256: string): Wheel => ({
  requirement: `nvidia-${name}-cu12==${version}`,
  file: `nvidia_${name.replaceAll('-', '_')}_cu12-${version}-py3-none-manylinux1_x86_64.whl`,
  sha256,
});

/** `cuda` is the list `and-cuda` of tensorflow 2.15.1. */
export const GPU: Variant = {
  npmPackage: '@tensorflow/tfjs-node-gpu',
  kind: 'gpu',
  wheel: {
    requirement: 'tensorflow==2.15.1',
    file: 'tensorflow-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    sha256: 'bb0edd69103c154245c5f209f0507355cc68ba7e4de350084bc31edc562478e4',
  },
  cuda: [
    nvidia(
      'cublas',
      '12.2.5.6',
      'f448d8db463f9a2c7dd9a1e607c0961d3e95f825b86839c5882f7d073d406df0',
    ),
    nvidia(
      'cuda-cupti',
      '12.2.142',
      'ce68d1009dd14215e38ed49643d31374c71d6fea381181cb0b9da7f19dfd1624',
    ),
    nvidia(
      'cuda-nvcc',
      '12.2.140',
      'c6ff4ae7a636eb6cab7621191e19ac3779690686bbcf52c04d8b1ca2944e1e27',
    ),
    nvidia(
      'cuda-nvrtc',
      '12.2.140',
      'b1cdcae6443cb7cdcfb5d1bf51896a148c9f82f9e65b27db9ab095eaed689aa7',
    ),
    nvidia(
      'cuda-runtime',
      '12.2.140',
      'acb9cb7e44594a3512533497ea790d9f0b0e399abcc888584c157d1ffa080e41',
    ),
    nvidia('cudnn', '8.9.4.25', '9f882d5b11753c566fd32427839089eb4f8ba7a58c28446ad359e32c40229723'),
    nvidia(
      'cufft',
      '11.0.8.103',
      '72e961e578f9be9e316ccb4db8652c421dd0b57442624faa71061d452f449a67',
    ),
    nvidia(
      'curand',
      '10.3.3.141',
      '7b6bad6817b5df2a6f5ec221206fb895d9195fdd7d2443f3e86554108c141a0a',
    ),
    nvidia(
      'cusolver',
      '11.5.2.141',
      '5a85c4653ce34339a5688137f494a0f903e0f0532418550998167f00844161da',
    ),
    nvidia(
      'cusparse',
      '12.1.2.141',
      '4e13d6a51d2303dcb2a023ba09546811161f0334fc64e13689397bbd3b1eb126',
    ),
    nvidia('nccl', '2.16.5', '84695a4248138fb2ca12f5fd3defe986e790e71ccdaad51b2ca34ca4e83ef421'),
    nvidia(
      'nvjitlink',
      '12.2.140',
      '95635cafbf9f96c38bea5200ab145a2e6aefbb5405e0b04c1e4ba54df2d84ec9',
    ),
  ],
  room: 8e9,
};
