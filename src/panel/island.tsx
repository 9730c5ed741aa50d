import React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { language } from '../text/say';

/** React as far as it is needed to make one element; a host may share its own under this name. */
type ElementMaker = Pick<typeof React, 'createElement'>;

function hostReact(): ElementMaker {
  const shared = (globalThis as { react?: ElementMaker & { default?: ElementMaker } }).react;
  if (shared?.createElement) return shared;
  return shared?.default ?? React;
}

/**
 * A component that the host's React can render, although it cannot share its React with us: it is
 * one `div` in the host's tree with a React root of our own inside. It must be a class, since hooks
 * would look for the host's React. The root's element goes with it: hosts keep the trees of modes
 * that were left, and a root never takes its listeners off its element.
 */
export function island(Content: React.ComponentType): React.ComponentType {
  return class Island extends React.Component {
    private root: Root | null = null;
    private container: HTMLElement | null = null;

    // A stable ref: one that changes on every render would take the root down and up again.
    private readonly attach = (element: HTMLElement | null): void => {
      if (!element || this.root) return;
      this.container = document.createElement('div');
      this.container.style.height = '100%';
      element.append(this.container);
      this.root = createRoot(this.container);
      this.root.render(<Content />);
    };

    /** The host says all of its texts again when its language changes; it tells extensions no other way. */
    override componentDidUpdate(): void {
      language.follow();
    }

    override componentWillUnmount(): void {
      const { root, container } = this;
      this.root = null;
      this.container = null;
      // React does not allow a root to unmount while another one renders.
      setTimeout(() => {
        root?.unmount();
        container?.remove();
      });
    }

    override render(): React.ReactNode {
      return hostReact().createElement('div', { ref: this.attach, style: { height: '100%' } });
    }
  };
}
