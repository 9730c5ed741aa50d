import React, { useRef, useState } from 'react';
import { say } from '../text/say';

/** A horizontal line on the picture; one with a label can be chosen. */
export interface PictureLine {
  readonly key: string;
  readonly zMm: number;
  readonly kind: 'l3' | 'level' | 'candidate' | 'anchor';
  readonly label?: string;
  /** The label's full meaning, for screen readers and as a tooltip. */
  readonly title?: string;
  readonly isShown?: boolean;
  readonly onChoose?: () => void;
}

/** What the arrow keys do among the levels, the highest of which is the first. */
const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowUp: (index) => Math.max(0, index - 1),
  ArrowDown: (index, count) => Math.min(count - 1, index + 1),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/**
 * The lines of the picture and their labels. Those that can be chosen are one stop of the tab key: the level
 * that is shown, else L3, else the highest; the arrow keys go from one to the next.
 */
export function LevelLines(props: {
  readonly lines: readonly PictureLine[];
  /** Where a height (LPS z, mm) lies on the picture, as a length of CSS. */
  readonly top: (zMm: number) => string;
}): React.ReactElement {
  const { lines, top } = props;
  const buttons = useRef(new Map<string, HTMLButtonElement | null>());
  const [focused, setFocused] = useState<string | null>(null);
  const choices = lines
    .filter(({ label, onChoose }) => label !== undefined && onChoose)
    .sort((a, b) => b.zMm - a.zMm);
  const stop =
    choices.find(({ key }) => key === focused) ??
    choices.find(({ isShown }) => isShown) ??
    choices.find(({ kind }) => kind === 'l3') ??
    choices[0];
  const move = (event: React.KeyboardEvent) => {
    const index = choices.findIndex(({ key }) => buttons.current.get(key) === event.target);
    const to = index < 0 ? undefined : STEPS[event.key]?.(index, choices.length);
    if (to === undefined) return;
    // The host would scroll the images.
    event.preventDefault();
    event.stopPropagation();
    buttons.current.get(choices[to].key)?.focus();
  };
  return (
    <div className="lines" role="group" aria-label={say('picture.hint')} onKeyDown={move}>
      {/* A label's text has the label as its key: WebKitGTK does not draw anew what a text in place says now. */}
      {lines.map((line) => (
        <React.Fragment key={line.key}>
          <div className={`line ${line.kind}`} style={{ top: top(line.zMm) }} />
          {line.label !== undefined && !line.onChoose && (
            <span className={`name ${line.kind}`} style={{ top: top(line.zMm) }}>
              <span key={line.label}>{line.label}</span>
            </span>
          )}
          {line.label !== undefined && line.onChoose && (
            <button
              ref={(button) => void buttons.current.set(line.key, button)}
              type="button"
              tabIndex={line.key === stop?.key ? 0 : -1}
              className={line.kind}
              style={{ top: top(line.zMm) }}
              title={line.title}
              aria-label={line.title ?? line.label}
              aria-pressed={line.isShown ?? false}
              data-cy={`find-l3-level-${line.label}`}
              onFocus={() => setFocused(line.key)}
              onBlur={() => setFocused(null)}
              onClick={line.onChoose}
            >
              <span key={line.label}>{line.label}</span>
            </button>
          )}
        </React.Fragment>
      ))}
    </div>
  );
}
