/** What headers say of the part of the body; all are optional, and none is to be relied on. */
export interface HeaderTexts {
  /** Body Part Examined (0018,0015). */
  readonly bodyPartExamined?: string | null;
  /** Study Description (0008,1030). */
  readonly studyDescription?: string | null;
  /** Series Description (0008,103E). */
  readonly seriesDescription?: string | null;
  /** Protocol Name (0018,1030). */
  readonly protocolName?: string | null;
}

/**
 * Words for parts of the body that have no lumbar spine in view: English, German, French, Spanish,
 * Italian, Portuguese, Dutch, Chinese, and the terms of DICOM PS3.16 (Annex L). A word of five letters or
 * more also counts at the beginning of a longer one. The chest is not among them: its scans often reach L3.
 */
const ELSEWHERE = [
  ...[
    'head',
    'brain',
    'skull',
    'cranium',
    'cranial',
    'orbit',
    'sella',
    'pituitary',
    'sinus',
    'iac',
  ],
  ...['temporal bone', 'tmj', 'jaw', 'mandib', 'maxilla', 'dental', 'face', 'facial', 'neuro cran'],
  ...['kopf', 'schadel', 'gehirn', 'hirn', 'cct', 'nnh', 'crane', 'cerveau', 'cerebr', 'encefal'],
  ...['tete', 'cabeza', 'craneo', 'testa', 'cranio', 'cabeca', 'hoofd', 'hersenen', 'schedel'],
  ...[
    'neck',
    'cspine',
    'c-spine',
    'cervical',
    'carotid',
    'larynx',
    'thyroid',
    'hws',
    'hals',
    'halswirbel',
  ],
  ...['cou', 'cuello', 'collo', 'pescoco', 'nek', 'cervicale'],
  ...['shoulder', 'clavicle', 'scapula', 'humerus', 'elbow', 'forearm', 'wrist', 'hand', 'finger'],
  ...['thumb', 'arm', 'upper arm', 'upper extremity', 'schulter', 'ellenbogen', 'ellbogen'],
  ...['handgelenk', 'epaule', 'coude', 'poignet', 'main', 'hombro', 'codo', 'muneca', 'mano'],
  ...['spalla', 'gomito', 'polso', 'ombro', 'cotovelo', 'punho', 'schouder', 'elleboog', 'pols'],
  ...['knee', 'thigh', 'femur', 'calf', 'tibia', 'lower leg', 'leg', 'ankle', 'foot', 'feet'],
  ...[
    'toe',
    'heel',
    'calcaneus',
    'lower extremity',
    'knie',
    'kniegelenk',
    'oberschenkel',
    'unterschenkel',
  ],
  ...[
    'sprunggelenk',
    'osg',
    'fuss',
    'fu\u00df',
    'genou',
    'cuisse',
    'cheville',
    'pied',
    'rodilla',
    'muslo',
  ],
  ...['tobillo', 'pie', 'ginocchio', 'coscia', 'caviglia', 'piede', 'joelho', 'coxa', 'tornozelo'],
  ...['enkel', 'voet', 'breast', 'mamma', 'brust mr', 'sein', 'mama', 'seno', 'borst'],
  ...['prostat', 'prostaat', 'uterus', 'rectum', 'rektum', 'bladder', 'scrotum', 'penis'],
] as const;
const CHINESE_ELSEWHERE = [
  ...[
    '头',
    '颅',
    '脑',
    '眼眶',
    '鼻窦',
    '颈',
    '肩',
    '肘',
    '腕',
    '手',
    '膝',
    '大腿',
    '小腿',
    '踝',
    '足',
  ],
  ...['乳腺', '前列腺', '子宫', '直肠', '膀胱'],
] as const;

/** Words for what a lumbar spine may be in: beside one of these, another part says nothing. */
const WITH_SPINE = [
  ...[
    'abd',
    'lumb',
    'lspine',
    'l-spine',
    'l spine',
    'lsp',
    'lws',
    'lendenwirbel',
    'spine',
    'spinal',
  ],
  ...['wirbels', 'rachis', 'colonne', 'columna', 'colonna', 'coluna', 'wervelkolom', 'whole body'],
  ...[
    'wholebody',
    'ganzkorper',
    'corps entier',
    'trunk',
    'rumpf',
    'torso',
    'chest',
    'thor',
    'body',
  ],
  ...['pelvis', 'becken', 'bassin', 'pelv', 'bacino', 'sacr', 'kub', 'liver', 'leber', 'kidney'],
  ...['niere', 'renal', 'uro', 'colon', 'pancrea', 'aort', 'bauch', 'buik', 'ventre', 'addome'],
  ...['tap', 'cap', 'polytrauma', 'trauma scan', 'pet ct', 'pet-ct', 'staging'],
] as const;
const CHINESE_WITH_SPINE = [
  '腹',
  '腰',
  '脊柱',
  '全身',
  '胸',
  '盆',
  '骶',
  '肝',
  '肾',
  '椎',
] as const;

/**
 * The header text that names a part of the body without a lumbar spine, where none of the texts names one
 * that may have it. A witness, not a judge: headers are often wrong.
 *
 * @returns the text as it stands in the header; null where no such part is named
 */
export function otherBodyPart(texts: HeaderTexts): string | null {
  const { bodyPartExamined, protocolName, seriesDescription, studyDescription } = texts;
  const given = [bodyPartExamined, protocolName, seriesDescription, studyDescription]
    .map((text) => text?.trim() ?? '')
    .filter((text) => text !== '');
  if (given.some((text) => names(text, WITH_SPINE, CHINESE_WITH_SPINE, true))) return null;
  return given.find((text) => names(text, ELSEWHERE, CHINESE_ELSEWHERE)) ?? null;
}

function names(
  text: string,
  words: readonly string[],
  chinese: readonly string[],
  areBeginnings = false,
): boolean {
  if (chinese.some((word) => text.includes(word))) return true;
  const plain = ` ${text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}-]+/gu, ' ')} `;
  return words.some((word) => {
    // Of a short word only the whole is meant: "arm" is no beginning of "armour", "leg" none of "legacy".
    const end = word.length < 5 && !areBeginnings ? '(?:s)?(?![\\p{L}])' : '';
    return new RegExp(`(?<!\\p{L})${word}${end}`, 'u').test(plain);
  });
}
