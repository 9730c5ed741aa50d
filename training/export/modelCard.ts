import type { ModelManifest } from '../../src/model/types';
import type { Facts } from './facts';

/** MODEL_CARD.md: what is known about a model, and nothing that is not. */
export function modelCard(
  manifest: ModelManifest,
  facts: Facts,
  training: { readonly steps: number; readonly seed: number; readonly sources: readonly string[] },
  parity: number,
): string {
  const { input, output, decision } = manifest;
  const metrics = Object.entries(manifest.metrics);
  const window = (name: 'CT' | 'MR') => {
    const { kind, low, high } = input.windows[name];
    return kind === 'hu' ? `${low} to ${high} HU` : `percentiles ${low} to ${high}`;
  };
  const lines = [
    `# ${manifest.name} ${manifest.version}`,
    '',
    'Finds vertebral levels in a sagittal projection of a CT or MR series. **Not for diagnostic use.**',
    '',
    '## The network',
    '',
    `- UNet 3+ (Huang et al., ICASSP 2020) in a light form, ${manifest.parameters} parameters, ONNX opset ${manifest.opset}, ${(manifest.bytes / 1e6).toFixed(1)} MB, SHA-256 \`${manifest.sha256}\``,
    `- Input \`${input.name}\`: ${input.channels.join(', ')} on a ${input.mmPerPixel} mm grid; CT ${window('CT')}, MR ${window('MR')}`,
    `- Output \`${output.name}\`: a heat map for each of ${output.levels.join(', ')}, and one for any vertebral body, on a ${input.mmPerPixel * output.stride} mm grid`,
    `- The exported model differs from the trained one by at most ${parity.toExponential(1)}`,
    '',
    '## Training',
    '',
    `- ${training.steps} steps, seed ${training.seed}`,
    ...training.sources.map((source) => `- ${source}`),
    '',
    '## Decision',
    '',
    `L3 is in view from a probability of ${decision.minInView}, named from ${decision.minProbability}; the sacrum counts as seen from a response of ${decision.minAnchor}. ${facts.decision ? 'These were calibrated with this model.' : 'These are starting values, not calibrated with this model.'}`,
    '',
    '## Measured',
    '',
    ...(metrics.length > 0
      ? [
          '| what | value |',
          '|---|---|',
          ...metrics.map(([name, value]) => `| ${name} | ${value} |`),
        ]
      : ['Nothing was measured when this package was made.']),
    '',
    ...(facts.notes.length > 0
      ? ['## Notes', '', ...facts.notes.map((note) => `- ${note}`), '']
      : []),
    '## Licence',
    '',
    manifest.licence,
  ];
  return `${lines.join('\n')}\n`;
}
