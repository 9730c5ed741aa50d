import React from 'react';
import { language } from '../text/say';

/** An ordinary component, for a host that shares its React: no root of its own, no second React. */
export function hostComponent(Content: React.ComponentType): React.ComponentType {
  return class FindL3 extends React.Component {
    /** The host says all of its texts again when its language changes; it tells extensions no other way. */
    override componentDidUpdate(): void {
      language.follow();
    }

    override render(): React.ReactNode {
      return <Content />;
    }
  };
}
