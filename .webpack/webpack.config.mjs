import path from 'node:path';
import { EsbuildPlugin } from 'esbuild-loader';
import webpack from 'webpack';

/**
 * One ES module bundle. `import.meta.url` is left alone (`importMeta: false`), so that the plugin
 * finds its files beside itself and no path of the building machine is baked in.
 *
 * @param {{ root: string, name: string, entry: string, outDir: string, library?: boolean,
 *   define?: Record<string, string> }} bundle
 * @returns {webpack.Configuration}
 */
export function bundleConfig({ root, name, entry, outDir, library = false, define = {} }) {
  return {
    name,
    mode: 'production',
    target: ['web', 'es2022'],
    context: root,
    entry: { [name]: entry },
    experiments: { outputModule: true },
    output: {
      path: outDir,
      filename: '[name].js',
      module: true,
      publicPath: 'auto',
      ...(library ? { library: { type: 'module' } } : {}),
    },
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
      minimizer: [new EsbuildPlugin({ target: 'es2022', format: 'esm', legalComments: 'none' })],
    },
    devtool: false,
  };
}
