import type { Vec3 } from '../series/types';
import { AxialScan, type PhantomScan } from './scan';
import type { CompleteOptions, PhantomOptions, PhantomSlice, PhantomVolume } from './types';

const SLICES = 15;
const GAP_MM = 3;

/**
 * Sagittal slices about the lumbar spine, from the patient's right to the left: rows run to the back,
 * columns to the feet, pixels are square. The axial slices are painted when the first is asked for.
 */
class SagittalScan implements PhantomScan {
  readonly options: CompleteOptions;
  readonly header: Omit<PhantomVolume, 'slices'>;
  readonly instanceNumbers = Array.from({ length: SLICES }, (_, i) => i + 1);

  private readonly axial: AxialScan;
  private painted: readonly PhantomSlice[] | null = null;

  /** @throws RangeError for an option out of range. */
  constructor(options: PhantomOptions) {
    this.axial = new AxialScan(options);
    this.options = this.axial.options;
    const { header } = this.axial;
    const [pixel] = header.pixelSpacing;
    const height = (this.axial.instanceNumbers.length - 1) * this.options.sliceSpacingMm;
    this.header = {
      ...header,
      plane: 'sagittal',
      rows: Math.floor(height / pixel) + 1,
      sliceThicknessMm: GAP_MM,
      imageOrientationPatient: [0, 1, 0, 0, 0, -1],
    };
  }

  slice(instanceNumber: number): PhantomSlice {
    const { axial, header } = this;
    this.painted ??= axial.instanceNumbers.map((number) => axial.slice(number));
    const [left, front, top]: Vec3 = this.painted[0].imagePositionPatient;
    const { rows, columns } = header;
    const [pixel] = header.pixelSpacing;
    const middle = (header.truth.L3 ?? Object.values(header.truth)[0] ?? [0, 0, 0])[0];
    const x = middle + (instanceNumber - (SLICES + 1) / 2) * GAP_MM;
    const column = (x - left) / pixel;
    const c = Math.min(columns - 2, Math.max(0, Math.floor(column)));
    const across = column - c;
    const pixels = new Int16Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      const at = (r * pixel) / this.options.sliceSpacingMm;
      const i = Math.min(this.painted.length - 2, Math.floor(at));
      const upper = this.painted[i].pixels;
      const lower = this.painted[i + 1].pixels;
      const down = at - i;
      for (let k = 0; k < columns; k++) {
        const p = k * columns + c;
        const a = upper[p] * (1 - across) + upper[p + 1] * across;
        const b = lower[p] * (1 - across) + lower[p + 1] * across;
        pixels[r * columns + k] = Math.round(a * (1 - down) + b * down);
      }
    }
    return {
      instanceNumber,
      pixels,
      imagePositionPatient: [Math.round(x * 1e4) / 1e4, front, top],
    };
  }
}

/** The scan that the options ask for. @throws RangeError for an option out of range. */
export const scanOf = (options: PhantomOptions): PhantomScan =>
  options.variant === 'sagittal' ? new SagittalScan(options) : new AxialScan(options);
