/** A probability for people, the same in viewer, command line and reports: "98 %", and never a certainty that is none. */
export function percent(probability: number): string {
  const rounded = Math.round(probability * 100);
  if (rounded === 100 && probability < 1) return '> 99 %';
  if (rounded === 0 && probability > 0) return '< 1 %';
  return `${rounded} %`;
}
