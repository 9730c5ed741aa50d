import { dependencies, name, version } from '../../package.json';

/** Set by the build (webpack) or by what starts the program (`scripts/commit.mjs`). */
declare const FIND_L3_COMMIT: string | undefined;

/** What this program is, the same in panel, command line, reports and model cards. */
export interface Release {
  /** Name of the program: reports and tables carry it, so it stays whatever the package is called. */
  readonly name: 'find-l3';
  /** Name of the npm package, and id of the extension. */
  readonly packageName: string;
  /** Semantic version of the npm package. */
  readonly version: string;
  /** Abbreviated git commit, with "+changes" where files differed from it; "unknown" where there is none. */
  readonly commit: string;
}

export const RELEASE: Release = {
  name: 'find-l3',
  packageName: name,
  version,
  commit: typeof FIND_L3_COMMIT === 'string' ? FIND_L3_COMMIT : 'unknown',
};

/** Version of ONNX Runtime Web, whose files the build copies into the extension's folder. */
export const ONNX_RUNTIME_VERSION: string = dependencies['onnxruntime-web'];
