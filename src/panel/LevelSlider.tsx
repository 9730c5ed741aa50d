import React, { useRef } from 'react';

/** The mark's line on the picture: dragged by a pointer or moved by keys. */
export interface LevelSliderProps {
  readonly zMm: number;
  /** Heights at the upper and the lower edge of the picture, LPS mm. */
  readonly topZMm: number;
  readonly bottomZMm: number;
  /** What an arrow key moves it by, mm. */
  readonly stepMm: number;
  readonly name: string;
  readonly valueText: string;
  readonly isLocked: boolean;
  /** @param isLive one of the moves of a drag that goes on */
  readonly onMove: (zMm: number, isLive: boolean) => void;
}

/** Page Up and Page Down move by so many steps. */
const PAGE_STEPS = 5;

export function LevelSlider(props: LevelSliderProps): React.ReactElement {
  const { zMm, topZMm, bottomZMm, stepMm, name, valueText, isLocked, onMove } = props;
  const dragged = useRef<number | null>(null);
  const hasMoved = useRef(false);
  const clamp = (value: number) => Math.min(topZMm, Math.max(bottomZMm, value));
  const share = (topZMm - clamp(zMm)) / (topZMm - bottomZMm);

  const down = (event: React.PointerEvent<HTMLDivElement>) => {
    if (isLocked || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
    dragged.current = zMm;
    event.preventDefault();
  };
  const drag = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (dragged.current === null || !box) return;
    const at = (event.clientY - box.top) / box.height;
    const to = clamp(topZMm - at * (topZMm - bottomZMm));
    if (to === dragged.current) return;
    dragged.current = to;
    hasMoved.current = true;
    onMove(to, true);
  };
  const drop = () => {
    const at = dragged.current;
    dragged.current = null;
    if (at !== null && hasMoved.current) onMove(at, false);
    hasMoved.current = false;
  };
  const press = (event: React.KeyboardEvent) => {
    const by = {
      ArrowUp: stepMm,
      ArrowDown: -stepMm,
      PageUp: PAGE_STEPS * stepMm,
      PageDown: -PAGE_STEPS * stepMm,
    }[event.key];
    if (by === undefined || isLocked) return;
    // The host scrolls and leafs on these keys.
    event.preventDefault();
    event.stopPropagation();
    onMove(clamp(zMm + by), false);
  };
  return (
    <div
      className="slider"
      style={{ top: `${share * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-orientation="vertical"
      aria-valuemin={Math.round(bottomZMm)}
      aria-valuemax={Math.round(topZMm)}
      aria-valuenow={Number(zMm.toFixed(1))}
      aria-valuetext={valueText}
      aria-disabled={isLocked}
      data-cy="find-l3-slider"
      onPointerDown={down}
      onPointerMove={drag}
      onPointerUp={drop}
      onPointerCancel={drop}
      onKeyDown={press}
    />
  );
}
