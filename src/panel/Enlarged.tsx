import React, { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { levelsOf } from '../finder/levelsOf';
import type { Answered } from '../finder/types';
import { percent } from '../reasons/percent';
import { say } from '../text/say';
import { shiftedLevels, type NamedLevel } from '../viewer/mark/spine';
import { numberings, type Numbering } from '../viewer/mark/numberings';
import type { MarkingState } from '../viewer/state';
import type { PictureLine } from './LevelLines';
import { ProjectionPicture } from './ProjectionPicture';
import { ROOT_CLASS } from './style';
import { heightText } from './text';

/** The host's grid of viewports, which the view covers. */
const GRID = '[data-cy="viewport-grid"]';
/** A mark and a level that lie closer are the same vertebra, mm. */
const SAME_VERTEBRA_MM = 12;

/**
 * The picture over the viewports, as high as they are, with the bodies and what was counted from; in doubt
 * both numberings side by side. Escape closes it.
 */
export function Enlarged(props: {
  readonly finding: Answered;
  readonly marking: MarkingState;
  readonly run: (command: string, options?: Readonly<Record<string, unknown>>) => void;
  readonly onClose: () => void;
}): React.ReactElement {
  const { finding, marking, run, onClose } = props;
  const dialog = useRef<HTMLDivElement>(null);
  const area = useViewportArea();
  useEffect(() => {
    dialog.current?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onClose();
    };
    document.addEventListener('keydown', close, true);
    return () => document.removeEventListener('keydown', close, true);
  }, [onClose]);
  const choices = marking.mark?.by === 'person' ? [] : numberings(finding);
  const levels = shiftedLevels(finding, marking.mark?.shift ?? 0);
  const heightsMm = levelsOf(finding).map(({ zMm }) => zMm);
  const picture = (lines: readonly PictureLine[], named: readonly NamedLevel[]) => (
    <ProjectionPicture
      projection={finding.projection}
      lines={lines}
      bodies={named.map(({ pointLpsMm }) => pointLpsMm)}
      heightsMm={heightsMm}
      heat={finding.heat}
      description={say('picture.levels', { names: named.map(({ name }) => name).join(', ') })}
      mark={null}
    />
  );
  const title = say(choices.length > 0 ? 'enlarged.which' : 'enlarged.title');
  return createPortal(
    <div
      ref={dialog}
      className={`${ROOT_CLASS} enlarged`}
      role="dialog"
      aria-label={title}
      data-cy="find-l3-enlarged"
      style={area}
    >
      <div className="bar-head">
        <h2>{title}</h2>
        <button type="button" className="link" data-cy="find-l3-enlarged-close" onClick={onClose}>
          {say('enlarged.close')}
        </button>
      </div>
      <div className="columns">
        {choices.length > 0
          ? choices.map((one, index) => (
              <div key={one.zMm} className="column" data-cy={`find-l3-numbering-${index}`}>
                <p>
                  <strong>{headingOf(one)}</strong>{' '}
                  <span className="quiet">{percent(one.probability)}</span>
                </p>
                {picture(linesOf(one.levels, one.from), one.levels)}
                <button
                  type="button"
                  className={index === 0 ? 'main start' : 'main'}
                  data-cy={`find-l3-choose-${index}`}
                  onClick={() => {
                    run('chooseNumbering', { index: one.alternative });
                    onClose();
                  }}
                >
                  {say('enlarged.choose', { height: heightText(one.zMm) })}
                </button>
              </div>
            ))
          : picture(
              withMark(
                linesOf(levels, finding.status === 'found' ? countOf(finding) : []),
                marking,
              ),
              levels,
            )}
      </div>
    </div>,
    document.body,
  );
}

function headingOf({ from, alternative }: Numbering): string {
  if (from.length === 2) return say('counted.both');
  if (from.length === 1) return say(`counted.${from[0]}`);
  return say(alternative === null ? 'enlarged.found' : 'enlarged.other');
}

function countOf({ countedFrom }: Extract<Answered, { status: 'found' }>): Numbering['from'] {
  return countedFrom === 'both' ? ['sacrum', 'last-rib'] : [countedFrom];
}

/** Every vertebra by its name; what was counted from is said at it. */
function linesOf(levels: readonly NamedLevel[], from: Numbering['from']): PictureLine[] {
  return levels.map(({ name, zMm }): PictureLine => {
    const isSacrum = name === 'S1' && from.includes('sacrum');
    const isRib = name === 'T12' && from.includes('last-rib');
    const anchor = isSacrum ? say('enlarged.sacrum') : isRib ? say('enlarged.lastRib') : null;
    const kind = name === 'L3' ? 'l3' : anchor ? 'anchor' : 'level';
    return { key: name, zMm, kind, label: anchor ? `${name} · ${anchor}` : name };
  });
}

/** Only one line is named L3: the mark's, wherever it lies. */
function withMark(lines: readonly PictureLine[], { mark }: MarkingState): PictureLine[] {
  if (!mark) return [...lines];
  const others = lines.filter(
    ({ label, zMm }) => label !== 'L3' && Math.abs(zMm - mark.zMm) > SAME_VERTEBRA_MM,
  );
  return [...others, { key: 'mark', zMm: mark.zMm, kind: 'l3', label: mark.label }];
}

/** Where the viewports lie on the page; all of it where the host has none. */
function useViewportArea(): React.CSSProperties {
  const [area, setArea] = useState<React.CSSProperties>(areaOf);
  useEffect(() => {
    const grid = document.querySelector(GRID);
    const follow = () => setArea(areaOf());
    window.addEventListener('resize', follow);
    const observer =
      grid && typeof ResizeObserver !== 'undefined' ? new ResizeObserver(follow) : null;
    if (grid) observer?.observe(grid);
    return () => {
      window.removeEventListener('resize', follow);
      observer?.disconnect();
    };
  }, []);
  return area;
}

function areaOf(): React.CSSProperties {
  const box = document.querySelector(GRID)?.getBoundingClientRect();
  if (!box || box.width === 0) return { inset: 0 };
  const { left, top, width, height } = box;
  return { left, top, width, height };
}
