import React, { useEffect, useRef, useState } from 'react';
import type { HeatMap } from '../finder/types';
import { rowOfZ } from '../projection/maps';
import type { Vec3 } from '../series/types';
import type { ChannelName, Projection } from '../projection/types';
import { PALETTE, rgb } from '../picture/palette';
import { say } from '../text/say';
import { LevelSlider, type LevelSliderProps } from './LevelSlider';
import { LevelLines, type PictureLine } from './LevelLines';

const SHOWN_FIRST: readonly ChannelName[] = ['mix', 'mean', 'max', 'lateral'];
const HEAT_COLOR = rgb(PALETTE.heat);
/** Above and below the lines, so that ribs and sacrum can be counted on the picture, mm. */
const MARGIN_MM = 70;

/** The sagittal projection as the model saw it, anterior on the left, with lines at levels. */
export function ProjectionPicture(props: {
  readonly projection: Projection;
  readonly lines: readonly PictureLine[];
  /** Heights that the picture has to show, whatever lines lie there now, LPS mm. */
  readonly heightsMm: readonly number[];
  readonly description: string;
  /** The network's map of the level, which can be laid over the picture. */
  readonly heat: HeatMap | undefined;
  /** The mark, whose line can be moved; null where nothing is marked. */
  readonly mark: Omit<LevelSliderProps, 'topZMm' | 'bottomZMm'> | null;
  /** Centres of vertebral bodies to be marked, LPS mm. */
  readonly bodies?: readonly Vec3[];
  /** Shows the picture larger. */
  readonly onEnlarge?: () => void;
}): React.ReactElement {
  const { projection, lines, heightsMm, description, heat, mark, bodies = [], onEnlarge } = props;
  const [isHeatShown, setHeatShown] = useState(false);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { first, last } = rowsToShow(projection, heightsMm);
  const height = last - first + 1;
  useEffect(() => {
    if (!canvas.current) return;
    draw(canvas.current, projection, first, last, isHeatShown ? heat : undefined);
  }, [projection, first, last, heat, isHeatShown]);

  const top = (zMm: number) => `${((rowOfZ(projection, zMm) - first + 0.5) / height) * 100}%`;
  const left = (yMm: number) =>
    `${((yMm - projection.frontYMm) / projection.mmPerPixel / projection.width) * 100}%`;
  const zOf = (row: number) => projection.topZMm - row * projection.mmPerPixel;
  const size = {
    '--ratio': projection.width / height,
    aspectRatio: `${projection.width} / ${height}`,
  } as React.CSSProperties;
  return (
    <div className="picture" style={size} data-cy="find-l3-picture">
      <canvas
        ref={canvas}
        width={projection.width}
        height={height}
        role="img"
        aria-label={description}
        onClick={onEnlarge}
        className={onEnlarge && 'enlarges'}
      />
      {bodies.map(([, y, z]) => (
        <span key={z} className="body" style={{ left: left(y), top: top(z) }} aria-hidden="true" />
      ))}
      <span className="side" style={{ left: 5 }} aria-hidden="true">
        {say('picture.front')}
      </span>
      <span className="side" style={{ right: 5 }} aria-hidden="true">
        {say('picture.back')}
      </span>
      <LevelLines lines={lines} top={top} />
      {heat && (
        <button
          type="button"
          className="heat"
          aria-pressed={isHeatShown}
          title={say('picture.heatTitle')}
          data-cy="find-l3-heat"
          onClick={() => setHeatShown(!isHeatShown)}
        >
          {say('picture.heat')}
        </button>
      )}
      {onEnlarge && (
        <button
          type="button"
          className="enlarge"
          title={say('enlarged.title')}
          aria-label={say('enlarged.title')}
          data-cy="find-l3-enlarge"
          onClick={onEnlarge}
        >
          ⤢
        </button>
      )}
      {mark && <LevelSlider {...mark} topZMm={zOf(first - 0.5)} bottomZMm={zOf(last + 0.5)} />}
    </div>
  );
}

/** The rows in view, cut to the heights and a margin where there are any. */
function rowsToShow(projection: Projection, heightsMm: readonly number[]) {
  const { inView, height, mmPerPixel } = projection;
  const firstInView = Math.max(0, inView.indexOf(1));
  const lastInView = inView.lastIndexOf(1) < 0 ? height - 1 : inView.lastIndexOf(1);
  const rows = heightsMm.map((zMm) => rowOfZ(projection, zMm));
  const margin = MARGIN_MM / mmPerPixel;
  const first = rows.length > 0 ? Math.floor(Math.min(...rows) - margin) : firstInView;
  const last = rows.length > 0 ? Math.ceil(Math.max(...rows) + margin) : lastInView;
  return {
    first: Math.max(firstInView, Math.min(first, lastInView)),
    last: Math.min(lastInView, Math.max(last, firstInView)),
  };
}

function draw(
  canvas: HTMLCanvasElement,
  projection: Projection,
  first: number,
  last: number,
  heat: HeatMap | undefined,
) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { channels, data, width, height } = projection;
  const channel = SHOWN_FIRST.find((name) => channels.includes(name)) ?? channels[0];
  const plane = channels.indexOf(channel) * height * width;
  const image = context.createImageData(width, last - first + 1);
  const values = data.subarray(plane + first * width, plane + (last + 1) * width);
  const { low, high } = greyRange(values);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = 255 / (high - low);
  for (let i = 0; i < values.length; i++) {
    const grey = Math.max(0, Math.min(255, Math.round((values[i] - low) * scale)));
    const warmth = heat ? warmthAt(heat, first + Math.floor(i / width), i % width) : 0;
    const [red, green, blue] = HEAT_COLOR.map((value) =>
      Math.round(grey + warmth * (value - grey)),
    );
    pixels[i] = (0xff << 24) | (blue << 16) | (green << 8) | red;
  }
  context.putImageData(image, 0, 0);
}

/** How much of the heat's colour a pixel of the projection takes, 0..0.8. */
function warmthAt({ values, height, width, stride }: HeatMap, row: number, column: number): number {
  const [r, c] = [Math.floor(row / stride), Math.floor(column / stride)];
  if (r >= height || c >= width) return 0;
  return 0.8 * Math.min(1, Math.max(0, values[r * width + c]));
}

/** Spreads what is in the picture over the greys: from its darkest to just above its bone. */
function greyRange(values: Float32Array): { low: number; high: number } {
  const sorted = values.filter((_, i) => i % 17 === 0).sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.02), at(0.995)];
  return high > low ? { low, high } : { low: 0, high: 1 };
}
