import { encode } from 'fast-png';

/** One picture of a sheet, with what is to be drawn on it. */
export interface SheetPanel {
  readonly title: string;
  readonly height: number;
  readonly width: number;
  /** Row-major, 0..255. */
  readonly plane: Uint8Array;
  readonly marks: readonly SheetMark[];
}

export interface SheetMark {
  readonly row: number;
  /** A cross at this column, or a line over the whole width where null. */
  readonly column: number | null;
  /** Written at the left edge. */
  readonly label: string;
  /** Written beside the mark. */
  readonly note?: string;
  readonly colour: readonly [number, number, number];
}

export const GREEN = [60, 230, 90] as const;
export const RED = [255, 70, 60] as const;
const YELLOW = [255, 225, 80] as const;
const TITLE_ROWS = 10;

/** Draws panels side by side, `columns` in a row, each pixel `scale` times enlarged. @returns a PNG file's bytes. */
export function contactSheet(panels: readonly SheetPanel[], columns = 8, scale = 2): Uint8Array {
  if (panels.length === 0) throw new Error('A contact sheet needs at least one picture.');
  const across = Math.min(columns, panels.length);
  const cellWidth = Math.max(...panels.map((p) => Math.max(p.width * scale, 70))) + 4;
  const cellHeight = Math.max(...panels.map((p) => p.height * scale)) + TITLE_ROWS + 4;
  const canvas = new Canvas(cellWidth * across, cellHeight * Math.ceil(panels.length / across));
  panels.forEach((panel, i) => {
    const left = (i % across) * cellWidth;
    const top = Math.floor(i / across) * cellHeight;
    canvas.text(left + 1, top + 2, panel.title.slice(0, Math.floor(cellWidth / 4)), YELLOW);
    drawPanel(canvas, panel, left, top + TITLE_ROWS, scale);
  });
  return encode({
    width: canvas.width,
    height: canvas.height,
    data: canvas.pixels,
    channels: 3,
    depth: 8,
  });
}

function drawPanel(canvas: Canvas, panel: SheetPanel, left: number, top: number, scale: number) {
  for (let r = 0; r < panel.height * scale; r++) {
    for (let c = 0; c < panel.width * scale; c++) {
      const row = Math.floor(r / scale);
      const value = panel.plane[row * panel.width + Math.floor(c / scale)];
      canvas.set(left + c, top + r, [value, value, value]);
    }
  }
  for (const mark of panel.marks) {
    const y = Math.round(top + (mark.row + 0.5) * scale);
    const bottom = top + panel.height * scale;
    const right = left + panel.width * scale;
    if (y < top || y >= bottom) continue;
    if (mark.column === null) {
      for (let c = 14; c < panel.width * scale; c++) canvas.set(left + c, y, mark.colour);
    } else {
      const x = Math.round(left + (mark.column + 0.5) * scale);
      if (x < left || x >= right) continue;
      for (let k = -4; k <= 4; k++) {
        if (x + k >= left && x + k < right) canvas.set(x + k, y, mark.colour);
        if (y + k >= top && y + k < bottom) canvas.set(x, y + k, mark.colour);
      }
      if (mark.note) canvas.text(x - 4 - 4 * mark.note.length, y - 7, mark.note, mark.colour);
    }
    canvas.text(left + 1, y - 3, mark.label, mark.colour);
  }
}

class Canvas {
  readonly pixels: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Uint8Array(width * height * 3);
  }

  set(x: number, y: number, colour: readonly [number, number, number]): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.pixels.set(colour, (y * this.width + x) * 3);
  }

  text(x: number, y: number, text: string, colour: readonly [number, number, number]): void {
    [...text.toUpperCase()].forEach((letter, i) => {
      const glyph = GLYPHS[letter] ?? 0;
      for (let bit = 0; bit < 15; bit++) {
        if (glyph & (1 << (14 - bit)))
          this.set(x + i * 4 + (bit % 3), y + Math.floor(bit / 3), colour);
      }
    });
  }
}

/** 3 x 5 pixels a letter: one octal digit a row, top to bottom. */
const GLYPHS: Readonly<Record<string, number>> = {
  A: 0o25755,
  B: 0o65656,
  C: 0o34443,
  D: 0o65556,
  E: 0o74647,
  F: 0o74644,
  G: 0o34553,
  H: 0o55755,
  I: 0o72227,
  J: 0o11152,
  K: 0o55655,
  L: 0o44447,
  M: 0o57755,
  N: 0o65555,
  O: 0o25552,
  P: 0o65644,
  Q: 0o25563,
  R: 0o65655,
  S: 0o34216,
  T: 0o72222,
  U: 0o55557,
  V: 0o55552,
  W: 0o55775,
  X: 0o55255,
  Y: 0o55222,
  Z: 0o71247,
  0: 0o75557,
  1: 0o26227,
  2: 0o71747,
  3: 0o71717,
  4: 0o55711,
  5: 0o74717,
  6: 0o74757,
  7: 0o71122,
  8: 0o75757,
  9: 0o75717,
  '-': 0o00700,
  '.': 0o00002,
  _: 0o00007,
  ':': 0o02020,
  '/': 0o11244,
  '+': 0o02720,
  '?': 0o71202,
  '(': 0o24442,
  ')': 0o21112,
  ',': 0o00024,
  '=': 0o07070,
};
