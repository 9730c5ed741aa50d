import { drawFinding } from '../../../src/picture/findingPicture';
import { GLYPH_HEIGHT, GLYPH_WIDTH, isGlyphPixelSet } from '../../../src/picture/font';
import { findL3 } from '../../../src/finder/findL3';
import { columnModel, columnSeries, columnSource } from '../finder/columnSeries';

type Rgb = [number, number, number];
const YELLOW: Rgb = [255, 200, 61];

async function picture(blind = false) {
  const finding = await findL3({
    series: columnSeries(),
    source: columnSource(),
    model: columnModel({ blind }),
  });
  if (finding.status === 'refused') throw new Error(finding.reason.message);
  // A white projection shows where its panels are.
  const projection = { ...finding.projection, data: finding.projection.data.map(() => 1) };
  const canvas = drawFinding({ ...finding, projection }, 'series 1.2.3');
  const count = (y: number, [r, g, b]: Rgb) => {
    let n = 0;
    for (let x = 0; x < canvas.width; x++) {
      const [cr, cg, cb] = canvas.data.subarray((y * canvas.width + x) * 3);
      if (cr === r && cg === g && cb === b) n++;
    }
    return n;
  };
  const rows = (colour: Rgb, share: number) =>
    Array.from({ length: canvas.height }, (_, y) => y).filter(
      (y) => count(y, colour) > share * canvas.width,
    );
  return { finding, canvas, rows, projection };
}

describe('the picture of a finding', () => {
  it('has its L3 line at the height of L3', async () => {
    const { rows, projection } = await picture();
    const white = rows([255, 255, 255], 0.2);
    const line = rows(YELLOW, 0.4);
    expect(line).toHaveLength(2);
    // The panel spans the projection, pixel by pixel; the line hides two of its rows.
    const [top, bottom] = [Math.min(...white), Math.max(...white) + 1];
    const share = ((line[0] + line[1] + 1) / 2 - top) / (bottom - top);
    const z = projection.topZMm - (share * projection.height - 0.5) * projection.mmPerPixel;
    expect(Math.abs(z - -158)).toBeLessThan(2);
  });

  it('has no such line when L3 is undetermined', async () => {
    const { rows, finding } = await picture(true);
    expect(finding.status).toBe('undetermined');
    expect(rows(YELLOW, 0.01)).toEqual([]);
  });

  it('writes with glyphs that can be told apart', () => {
    const characters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;-+=/()%_'? "];
    const shapes = characters.map((character) => {
      let shape = '';
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          shape += isGlyphPixelSet(character, row, column) ? '#' : '.';
        }
      }
      return shape;
    });
    expect(new Set(shapes).size).toBe(characters.length);
    expect(isGlyphPixelSet('l', 6, 4)).toBe(isGlyphPixelSet('L', 6, 4));
  });
});
