import type { Possible } from '../keep/types';

/** The layout Review L3, as the panel offers it. */
export interface LayoutState {
  /** Null: there is nothing to review. */
  readonly offer: Possible | null;
  /** It is what the viewer shows. */
  readonly isOpen: boolean;
}

export const NO_LAYOUT: LayoutState = { offer: null, isOpen: false };
