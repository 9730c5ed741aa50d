import { GLYPH_ADVANCE, GLYPH_HEIGHT, GLYPH_WIDTH, isGlyphPixelSet } from './font';

export type Colour = readonly [red: number, green: number, blue: number];

/** A small RGB picture, 8 bits a channel, row-major; drawing outside of it is cut off. */
export class Canvas {
  readonly data: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    background: Colour,
  ) {
    this.data = new Uint8Array(width * height * 3);
    this.fill(0, 0, width, height, background);
  }

  set(x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    this.data[at] = colour[0];
    this.data[at + 1] = colour[1];
    this.data[at + 2] = colour[2];
  }

  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) this.set(x, y, colour);
    }
  }

  /** A horizontal line, with gaps when `dash` (pixels on, pixels off) is given. */
  horizontal(from: number, to: number, y: number, colour: Colour, dash = Infinity): void {
    for (let x = from; x <= to; x++) {
      if (Math.floor((x - from) / dash) % 2 === 0 || dash === Infinity) this.set(x, y, colour);
    }
  }

  /** Writes one line of text with its top left corner at (left, top). */
  text(left: number, top: number, text: string, colour: Colour, scale = 1): void {
    for (const [index, character] of [...text].entries()) {
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if (!isGlyphPixelSet(character, row, column)) continue;
          const x = left + (index * GLYPH_ADVANCE + column) * scale;
          this.fill(x, top + row * scale, scale, scale, colour);
        }
      }
    }
  }
}

export function textWidth(text: string, scale = 1): number {
  return text.length * GLYPH_ADVANCE * scale;
}

/** Breaks a text at its spaces into lines that are at most `width` pixels wide where they can be. */
export function wrap(text: string, width: number, scale = 1): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(longer, scale) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
