import React from 'react';

/** A part of the panel that can be folded, under a heading as the host's own panels have it. */
export function Section(props: {
  readonly title: string;
  readonly name: string;
  readonly isOpen?: boolean;
  readonly children: React.ReactNode;
}): React.ReactElement {
  const { title, name, isOpen = false, children } = props;
  return (
    <details open={isOpen || undefined} data-cy={`find-l3-section-${name}`}>
      <summary>
        <h3>{title}</h3>
      </summary>
      <div className="inside">{children}</div>
    </details>
  );
}
