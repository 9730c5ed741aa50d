import { name, version } from '../../package.json';

/** Set by the build (webpack) or by what starts the program (`scripts/commit.mjs`). */
declare const FIND_L3_COMMIT: string | undefined;

/** What this program is, the same in panel, command line, reports and model cards. */
export interface Release {
  /** Name of the npm package. */
  readonly name: string;
  /** Semantic version of the npm package. */
  readonly version: string;
  /** Abbreviated git commit, with "+changes" where files differed from it; "unknown" where there is none. */
  readonly commit: string;
}

export const RELEASE: Release = {
  name,
  version,
  commit: typeof FIND_L3_COMMIT === 'string' ? FIND_L3_COMMIT : 'unknown',
};
