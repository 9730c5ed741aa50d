import path from 'node:path';
import { EsbuildPlugin } from 'esbuild-loader';
import webpack from 'webpack';

/** What OHIF 3.14 shares with runtime plugins by its package name, and a UMD plugin must not bring. */
const SHARED_BY_HOST = [
  /^react(-dom)?($|\/)/,
  /^(@ohif|@cornerstonejs)\//,
  /^(dcmjs|gl-matrix)($|\/)/,
  /^(@kitware\/)?vtk\.js($|\/)/,
];

/**
 * One bundle, an ES module or a UMD library. `import.meta.url` is left alone (`importMeta: false`), so
 * that the plugin finds its files beside itself and no path of the building machine is baked in.
 *
 * @param {{ root: string, name: string, entry: string, outDir: string, library?: boolean,
 *   umd?: string, define?: Record<string, string> }} bundle `umd`: the global name of a UMD library
 * @returns {webpack.Configuration}
 */
export function bundleConfig({ root, name, entry, outDir, library = false, umd, define = {} }) {
  return {
    name,
    mode: 'production',
    target: ['web', 'es2022'],
    context: root,
    entry: { [name]: entry },
    experiments: { outputModule: !umd },
    output: {
      path: outDir,
      filename: '[name].js',
      module: !umd,
      publicPath: 'auto',
      ...(library ? { library: { type: 'module' } } : {}),
      ...(umd ? { library: { name: umd, type: 'umd', export: 'default' } } : {}),
    },
    externals: umd ? SHARED_BY_HOST : [],
    resolve: {
      extensions: ['.tsx', '.ts', '.js', '.mjs'],
      alias: {
        // The plain WebGPU build, which fetches its wasm at run time; the default one embeds paths.
        'onnxruntime-web/webgpu': path.join(
          root,
          'node_modules/onnxruntime-web/dist/ort.webgpu.min.mjs',
        ),
      },
    },
    module: {
      parser: { javascript: { importMeta: false } },
      rules: [
        {
          test: /\.tsx?$/,
          loader: 'esbuild-loader',
          options: {
            target: 'es2022',
            jsx: 'transform',
            tsconfig: path.join(root, 'tsconfig.json'),
          },
        },
        // Its `new URL(..., import.meta.url)` would make webpack emit a second copy of the wasm.
        { test: /ort[^/]*\.m?js$/, parser: { url: false } },
      ],
    },
    plugins: [
      new webpack.DefinePlugin(define),
      new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 }),
    ],
    performance: { hints: false },
    optimization: {
      // Licence texts are in THIRD-PARTY-LICENSES.txt.
      minimizer: [
        new EsbuildPlugin({
          ...{ target: 'es2022', legalComments: 'none' },
          // Left as webpack wrote it: esbuild would wrap it and lose the UMD's `this` and `exports`.
          format: umd ? undefined : 'esm',
        }),
      ],
    },
    devtool: false,
  };
}
