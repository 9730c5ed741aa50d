/** What each colour means, the same in panel, viewports and pictures (sRGB, hexadecimal). */
export const PALETTE = {
  /** L3: amber is read as "here" on grey pictures, apart from the host's blue. */
  l3: '#ffc83d',
  /** L3 while it is held. */
  l3Active: '#fff0bf',
  /** The other levels that were named. */
  level: '#8fd0ff',
  /** Another place that L3 could be at. */
  alternative: '#ff9500',
  /** The network's response. */
  heat: '#ff5a1e',
} as const;

/** Red, green and blue, 0 to 255, of a colour such as `#ffc83d`. */
export function rgb(colour: string): readonly [red: number, green: number, blue: number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
