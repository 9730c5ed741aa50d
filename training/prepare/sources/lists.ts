import { readCases, type Case } from '../../items/cases';
import type { Source } from './source';

/** Lists of cases with truth in JSON, see `readCases`. */
export const lists: Source = {
  describe: 'JSON list of cases with the places of their levels',
  async list(path) {
    return readCases(path).map(({ person, mayTrain, ...truth }) => ({
      id: truth.id,
      set: truth.set,
      person,
      mayTrain,
      inputs: [truth.path],
      detail: truth,
    }));
  },
  async read({ detail }) {
    return { kind: 'scan', truth: detail as Case };
  },
};
