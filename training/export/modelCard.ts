import { DecisionSchema, meaningOf, type Decision } from '../../src/levels/decision';
import type { ChannelName } from '../../src/projection/types';
import { mapCount, type ModelManifest } from '../../src/model/manifest';
import type { EvaluatedCase } from '../evaluate/evaluation';
import type { Facts } from './facts';
import type { CommitteeOrigin, Provenance } from './provenance';

const SETTINGS = Object.keys(DecisionSchema.entries) as (keyof Decision)[];

/**
 * MODEL_CARD.md of a package: what is known about the model, and nothing that is not.
 *
 * @param origin the run that trained it, or the packages that a committee was made of
 * @param parity largest difference between the exported and the trained network (or between committee and
 *   members), and on what
 */
export function modelCard(
  manifest: ModelManifest,
  facts: Facts,
  origin: Provenance | CommitteeOrigin,
  parity: Parity,
): string {
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['What it is', whatItIs(manifest, origin, parity)],
    ['Intended use and limits', intendedUse(manifest)],
    ['Input', input(manifest)],
    ['Output', output(manifest, facts)],
    ['Training data', trainingData(facts, 'members' in origin ? NO_GROUPS : origin)],
    ['Evaluation', evaluation(manifest, facts)],
    ['Provenance', howItWasMade(manifest, facts, origin)],
    ['Notes', facts.notes.map((note) => `- ${note}`)],
    ['Licence', [manifest.licence]],
  ];
  const text = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `## ${title}\n\n${lines.join('\n')}`);
  return `${[`# ${manifest.name} ${manifest.version}`, ...text].join('\n\n')}\n`;
}

/** How well the exported network answers what the trained one does. */
export interface Parity {
  readonly largest: number;
  /** Pictures that both were asked about; `real` of them are projections of scans. */
  readonly pictures: number;
  readonly real: number;
}

/** What a committee's groups were is told by its members' own cards. */
const NO_GROUPS = { groups: [], spinesMade: 0 };

function whatItIs(
  manifest: ModelManifest,
  origin: Provenance | CommitteeOrigin,
  { largest, pictures, real }: Parity,
): string[] {
  const { parameters, opset, bytes, sha256 } = manifest;
  return [
    'A network that sees the vertebral levels in a sagittal projection of a CT or MR series. With the',
    'decoding of find-l3 it names the slice through the middle of L3.',
    '',
    '- Architecture: UNet 3+ (Huang et al., ICASSP 2020) in a light form: a 5 x 5 stem of stride 2, full-scale',
    `  skips that are convolved before they are enlarged, ${parameters.toLocaleString('en')} parameters`,
    `- File: ONNX, opset ${opset}, ${(bytes / 1e6).toFixed(1)} MB, SHA-256 \`${sha256}\``,
    ...('members' in origin
      ? [
          `- A committee of ${origin.members.length} such networks, asked about the same picture: the mean of their maps is decoded, and where`,
          '  one of them counts otherwise, that is heard as a doubt. Stored as float16, computed in float32:',
          `  a member differs from its own package by at most ${largest.toExponential(1)} in any value of any map, on ${pictures} pictures`,
        ]
      : [
          `- Differs from the trained network by at most ${largest.toExponential(1)} in any value of any map, on ${pictures} pictures`,
          `  (${real === 0 ? 'none of them of a scan' : `${real} of them of scans that it was trained on`})`,
        ]),
  ];
}

function intendedUse({ input: { channels }, output: { lastRib } }: ModelManifest): string[] {
  return [
    '**Not for diagnostic use.** Not a medical device: for research and development.',
    '',
    '- For: finding the mid-L3 slice of a CT or MR series that shows the lumbar spine, for a person who looks at',
    '  the answer and can move it',
    '- Not for: any decision about a patient without such a person; numbering that matters, as before',
    '  spine surgery',
    ...(lastRib && channels.includes('lateral')
      ? [
          '- Levels are counted up from the sacrum, and down from the last rib where the lateral band shows it. Where the',
          '  two disagree (4 or 6 lumbar-type vertebrae) both places are offered. Where only one is shown, nobody can know',
          '  that they disagree, and a confident answer can be one level off; without either there is no answer',
        ]
      : [
          '- Levels are counted up from the sacrum; without it in view there is no answer. With transitional vertebrae',
          '  or 4 or 6 lumbar vertebrae a count from the last rib differs, and a confident answer can be one level off',
        ]),
    '- Untested unless the evaluation below says so: children, deformed or operated spines, metal, other',
    '  modalities than CT and MR',
  ];
}

function input({ input: { name, channels, mmPerPixel, multipleOf, windows } }: ModelManifest) {
  const window = (of: 'CT' | 'MR') => {
    const { kind, low, high } = windows[of];
    return kind === 'hu' ? `${low} to ${high} HU` : `percentiles ${low} to ${high} of the series`;
  };
  return [
    `\`${name}\`: float32 [1, ${channels.length}, height, width], height and width multiples of ${multipleOf}.`,
    '',
    `- Planes: ${channels.join(', ')}; row 0 towards the head, column 0 in front. ${planesInWords(channels)}`,
    `- Grid: ${mmPerPixel} mm in both directions`,
    `- Values 0 to 1 stand for ${window('CT')} (CT) and ${window('MR')} (MR)`,
  ];
}

function planesInWords(channels: readonly ChannelName[]): string {
  const slab = 'Maximum and mean are over a slab that follows the spine';
  return channels.includes('lateral')
    ? `${slab}, lateral is the maximum over 25 to 60 mm on both sides of it (0 where the scan has none: single slices, MR)`
    : slab;
}

function output(manifest: ModelManifest, facts: Facts): string[] {
  const { levels, lastRib, members, name, stride } = manifest.output;
  const count = members * mapCount(manifest.output);
  return [
    `\`${name}\`: float32 [1, ${count}, height / ${stride}, width / ${stride}], heat maps from 0 to 1 on a ${manifest.input.mmPerPixel * stride} mm grid:`,
    `${members > 1 ? 'of each member ' : ''}one for each of ${levels.join(', ')}, one for any vertebral body${lastRib ? ', and one for the body that bears the last rib, where it is seen' : ''}.`,
    '',
    `Settings of the decoder. ${facts.decision ? 'These thresholds were chosen for this model.' : 'These thresholds are starting values, not calibrated with this model.'}`,
    '',
    '| setting | value | meaning |',
    '| --- | --- | --- |',
    ...SETTINGS.map(
      (name) =>
        `| \`${name}\` | ${Number(manifest.decision[name].toPrecision(4))} | ${meaningOf(name)} |`,
    ),
  ];
}

function trainingData(
  { trainingData: known }: Facts,
  { groups, spinesMade }: Pick<Provenance, 'groups' | 'spinesMade'>,
): string[] {
  const shares = groups.map(({ selector, weight, persons, items, sets }) => {
    const isSynthetic = /^synthetic(\/|$)/.test(selector);
    const pictures = isSynthetic && spinesMade > 0 ? `of ${spinesMade} made while training` : items;
    return `| ${selector} | ${weight} | ${pictures} | ${isSynthetic ? '-' : persons} | ${sets.join(', ')} |`;
  });
  return [
    ...(known ?? []).map((set) => `- ${set}`),
    ...(known && shares.length > 0 ? [''] : []),
    ...(shares.length > 0
      ? [
          '| class | weight in the mix | pictures | persons | sets |',
          '| --- | --- | --- | --- | --- |',
          ...shares,
        ]
      : []),
    ...(known || shares.length > 0 ? [] : ['Not recorded.']),
    ...(known ? [] : ['', 'The licences of the sets are not recorded here.']),
  ];
}

function evaluation({ metrics }: ModelManifest, { evaluation: report }: Facts): string[] {
  const measured = Object.entries(metrics);
  const table =
    measured.length > 0
      ? [
          '| measure | value |',
          '| --- | --- |',
          ...measured.map(([name, value]) => `| ${name} | ${value} |`),
        ]
      : [];
  const cases = report?.outcomes ?? [];
  const rows = cases.length > 0 ? [...CASE_HEADER, ...cases.map(caseRow)] : [];
  if (table.length + rows.length === 0) {
    return ['Nothing was measured when this package was made.'];
  }
  return [...table, ...(table.length > 0 && rows.length > 0 ? [''] : []), ...rows];
}

const CASE_HEADER = [
  'Case by case; an error is answer minus truth in mm, positive towards the head. A case of the role',
  '"train" was trained on and proves nothing; "unused" is of a person who was trained on, or uncertain.',
  '',
  '| case | set | modality | role | verdict | error mm | probability |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];

const caseRow = ({ id, set, modality, role, verdict, errorMm, probability }: EvaluatedCase) =>
  `| ${[id, set, modality, role, verdict, errorMm?.toFixed(1) ?? '', probability?.toFixed(2) ?? ''].join(' | ')} |`;

function howItWasMade(
  { name, version }: ModelManifest,
  { commands }: Facts,
  origin: Provenance | CommitteeOrigin,
): string[] {
  if ('members' in origin) {
    return [
      ...origin.members.map(
        (member) => `- Member: ${member.name} ${member.version}, SHA-256 \`${member.sha256}\``,
      ),
      '- Command lines, from the folder of the project:',
      '',
      '```sh',
      ...commands,
      origin.command,
      '```',
    ];
  }
  const { run, seed, steps, plannedSteps, command, packsToo } = origin;
  const unfinished =
    steps < plannedSteps ? ` of ${plannedSteps} planned (the run was not over)` : '';
  return [
    `- Seed ${seed}, ${steps} steps${unfinished}; the package holds the averaged weights of the last one`,
    '- Command lines, from the folder of the project:',
    '',
    '```sh',
    ...commands,
    command,
    ...(packsToo
      ? []
      : [`npm run train -- export --name ${run} --model ${name} --model-version ${version}`]),
    '```',
  ];
}
