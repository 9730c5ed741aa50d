/** Gaussian smoothing of a line, borders replicated; `sigma` in samples, kernel cut at 3 sigma. */
export function gaussianSmooth(values: Float32Array, sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = new Float32Array(2 * radius + 1);
  let total = 0;
  for (let i = -radius; i <= radius; i++) {
    total += kernel[i + radius] = Math.exp((-0.5 * i * i) / (sigma * sigma));
  }
  return values.map((_, at) => {
    let sum = 0;
    for (let i = -radius; i <= radius; i++) {
      sum += kernel[i + radius] * values[Math.min(values.length - 1, Math.max(0, at + i))];
    }
    return sum / total;
  });
}

/** Mean over a window of odd length, borders replicated. */
export function boxSmooth(values: Float32Array, width: number): Float32Array {
  const radius = width >> 1;
  return values.map((_, at) => {
    let sum = 0;
    for (let i = -radius; i <= radius; i++) {
      sum += values[Math.min(values.length - 1, Math.max(0, at + i))];
    }
    return sum / (2 * radius + 1);
  });
}

/** A rows x columns image, row-major. */
export interface Image {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Applies a line filter to every row or every column. */
export function filterLines(
  image: Image,
  direction: 'rows' | 'columns',
  filter: (line: Float32Array) => Float32Array,
): Image {
  const { rows, columns } = image;
  const data = new Float32Array(image.data.length);
  const [lines, samples] = direction === 'rows' ? [rows, columns] : [columns, rows];
  const [lineStep, sampleStep] = direction === 'rows' ? [columns, 1] : [1, columns];
  const line = new Float32Array(samples);
  for (let l = 0; l < lines; l++) {
    for (let s = 0; s < samples; s++) line[s] = image.data[l * lineStep + s * sampleStep];
    const filtered = filter(line);
    for (let s = 0; s < samples; s++) data[l * lineStep + s * sampleStep] = filtered[s];
  }
  return { data, rows, columns };
}

/** The value below which `percent` per cent of the samples lie (linear between order statistics). */
export function percentile(sortedAscending: Float32Array, percent: number): number {
  const at = (percent / 100) * (sortedAscending.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sortedAscending.length - 1, low + 1);
  return sortedAscending[low] + (at - low) * (sortedAscending[high] - sortedAscending[low]);
}
