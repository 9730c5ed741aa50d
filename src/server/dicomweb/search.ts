import { tagOf, vrOf } from './dataDictionary';
import { servedTransferSyntax } from './dicomHeader';
import {
  INSTANCE_ATTRIBUTES,
  SERIES_ATTRIBUTES,
  STUDY_ATTRIBUTES,
  type DicomIndex,
  type IndexedInstance,
  type IndexedSeries,
  type IndexedStudy,
} from './dicomIndex';
import type { DicomJsonDataset, DicomJsonElement, DicomJsonValue } from './dicomJson';

/** What a search looks for, and the part of the index it looks in. */
export type SearchLevel = 'study' | 'series' | 'instance';
export interface SearchScope {
  level: SearchLevel;
  studyInstanceUID?: string;
  seriesInstanceUID?: string;
}

/** The query of a search: names to values, as the URL gives them. */
export type SearchQuery = Record<string, string | string[] | undefined>;

/** A query that cannot be answered; `message` says which part and why. */
export class SearchError extends Error {}

/** Reads the whole header of an instance, for attributes that the index does not keep. */
export type ReadAttributes = (instance: IndexedInstance) => Promise<DicomJsonDataset>;

interface Filter {
  tag: string;
  matches: (element: DicomJsonElement | undefined) => boolean;
}

interface Candidate {
  attributes: DicomJsonDataset;
  /** Stands for its study or series where more attributes are asked for. */
  representative: IndexedInstance;
}

const OPTIONS = new Set(['limit', 'offset', 'includefield', 'fuzzymatching', 'accept']);
const WILDCARD_VRS = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);
/** Matched in any case, as Orthanc does: a person types them. The standard allows it for PN. */
const TYPED_VRS = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
const RANGE_VRS = new Set(['DA', 'TM', 'DT']);
const ATTRIBUTES_OF: Record<SearchLevel, ReadonlySet<string>> = {
  study: new Set([...STUDY_ATTRIBUTES, '00080061', '00201206', '00201208']),
  series: new Set([...STUDY_ATTRIBUTES, ...SERIES_ATTRIBUTES, '00201209']),
  instance: new Set([...STUDY_ATTRIBUTES, ...SERIES_ATTRIBUTES, ...INSTANCE_ATTRIBUTES]),
};

/**
 * Answers a QIDO-RS search (PS3.18 10.6) from the index: matching by single value, list of UIDs,
 * wildcard and range (PS3.4 C.2.2.2), then offset and limit. Fuzzy matching is not supported.
 * @param urlOf absolute address of a study, series or instance, for RetrieveURL; given its path below the
 *   service's root
 * @throws SearchError where the query names no attribute or makes no sense
 */
export async function search(
  index: DicomIndex,
  scope: SearchScope,
  query: SearchQuery,
  urlOf: (path: string) => string,
  readAttributes: ReadAttributes,
): Promise<DicomJsonDataset[]> {
  const filters = filtersOf(query, scope.level);
  const { all, tags } = includedFields(query);
  const limit = count(query, 'limit') ?? Infinity;
  const offset = count(query, 'offset') ?? 0;
  const extra = new Set([...tags].filter((tag) => !isKnown(tag, scope.level)));

  const found: Candidate[] = [];
  for (const candidate of candidates(index, scope, urlOf)) {
    if (filters.every(({ tag, matches }) => matches(candidate.attributes[tag]))) {
      found.push(candidate);
    }
  }
  const page = found.slice(offset, offset + limit);
  const wholeHeader = all && scope.level === 'instance';
  if (extra.size === 0 && !wholeHeader) return page.map(({ attributes }) => attributes);
  return Promise.all(
    page.map(async ({ attributes, representative }) => {
      const header = await readAttributes(representative);
      const added = Object.entries(header).filter(([tag]) => wholeHeader || extra.has(tag));
      return { ...Object.fromEntries(added), ...attributes };
    }),
  );
}

/** Whether the index answers it, or it belongs to a level below and so has no one value here. */
function isKnown(tag: string, level: SearchLevel): boolean {
  if (ATTRIBUTES_OF[level].has(tag)) return true;
  if (level === 'study') return ATTRIBUTES_OF.instance.has(tag);
  return level === 'series' && INSTANCE_ATTRIBUTES.has(tag);
}

function* candidates(
  index: DicomIndex,
  { level, studyInstanceUID, seriesInstanceUID }: SearchScope,
  urlOf: (path: string) => string,
): Generator<Candidate> {
  for (const study of select(index.studies, studyInstanceUID)) {
    const studyUrl = `studies/${study.studyInstanceUID}`;
    const allSeries = [...study.series.values()];
    if (level === 'study') {
      yield {
        attributes: { ...studyAnswer(study, allSeries), ...retrieveUrl(urlOf(studyUrl)) },
        representative: firstOf(allSeries[0]!.instances),
      };
      continue;
    }
    for (const series of select(study.series, seriesInstanceUID)) {
      const seriesUrl = `${studyUrl}/series/${series.seriesInstanceUID}`;
      const inherited = { ...study.attributes, ...series.attributes };
      if (level === 'series') {
        const instances = { vr: 'IS', Value: [series.instances.size] };
        yield {
          attributes: { ...inherited, '00201209': instances, ...retrieveUrl(urlOf(seriesUrl)) },
          representative: firstOf(series.instances),
        };
        continue;
      }
      for (const instance of series.instances.values()) {
        const url = urlOf(`${seriesUrl}/instances/${instance.sopInstanceUID}`);
        yield {
          attributes: {
            ...inherited,
            ...instance.attributes,
            '00080056': { vr: 'CS', Value: ['ONLINE'] },
            '00083002': { vr: 'UI', Value: [servedTransferSyntax(instance.transferSyntaxUID)] },
            ...retrieveUrl(url),
          },
          representative: instance,
        };
      }
    }
  }
}

function studyAnswer(study: IndexedStudy, allSeries: IndexedSeries[]): DicomJsonDataset {
  const modalities = new Set(allSeries.map(({ attributes }) => attributes['00080060']?.Value?.[0]));
  modalities.delete(undefined);
  const instances = allSeries.reduce((sum, series) => sum + series.instances.size, 0);
  return {
    ...study.attributes,
    '00080056': { vr: 'CS', Value: ['ONLINE'] },
    '00080061': { vr: 'CS', Value: [...modalities] as DicomJsonValue[] },
    '00201206': { vr: 'IS', Value: [allSeries.length] },
    '00201208': { vr: 'IS', Value: [instances] },
  };
}

function retrieveUrl(url: string): DicomJsonDataset {
  return { '00081190': { vr: 'UR', Value: [url] } };
}

function select<T>(all: Map<string, T>, uid: string | undefined): T[] {
  if (uid === undefined) return [...all.values()];
  const one = all.get(uid);
  return one ? [one] : [];
}

function firstOf<T>(all: Map<string, T>): T {
  return all.values().next().value as T;
}

function filtersOf(query: SearchQuery, level: SearchLevel): Filter[] {
  const filters: Filter[] = [];
  for (const [name, given] of Object.entries(query)) {
    if (OPTIONS.has(name.toLowerCase()) || given === undefined) continue;
    const tag = tagOf(name);
    if (!tag) throw new SearchError(`${name} is not the keyword or tag of a DICOM attribute`);
    if (!ATTRIBUTES_OF[level].has(tag)) {
      throw new SearchError(`this server cannot search a ${level} by ${name}`);
    }
    const vr = vrOf(tag) ?? 'UN';
    const wanted = [given].flat().flatMap((value) => alternatives(tag, vr, value));
    if (wanted.length > 0) filters.push({ tag, matches: matcher(vr, wanted) });
  }
  return filters;
}

/** Lists are allowed for UIDs, and OHIF sends them for ModalitiesInStudy; empty matches all. */
function alternatives(tag: string, vr: string, value: string): string[] {
  const list = vr === 'UI' || tag === '00080061' ? value.split(/[\\,]/) : [value];
  return list.map((part) => part.trim()).filter((part) => part !== '' && part !== '*');
}

function matcher(vr: string, wanted: string[]): Filter['matches'] {
  const tests = wanted.map((value) => valueTest(vr, value));
  return (element) =>
    (element?.Value ?? []).some((value) => texts(value).some((text) => tests.some((t) => t(text))));
}

function valueTest(vr: string, wanted: string): (text: string) => boolean {
  const range = RANGE_VRS.has(vr) ? /^([^-]*)-([^-]*)$/.exec(wanted) : null;
  if (range) {
    const [from, to] = [range[1]!, range[2]!];
    // An end such as 1030 covers all of 10:30, so it is compared with as many digits as it has.
    return (text) => text >= from && (to === '' || text.slice(0, to.length) <= to);
  }
  if (WILDCARD_VRS.has(vr) && /[*?]/.test(wanted)) {
    const pattern = wanted
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.');
    const expression = new RegExp(`^${pattern}$`, TYPED_VRS.has(vr) ? 'isu' : 'su');
    return (text) => expression.test(text);
  }
  if (TYPED_VRS.has(vr)) return (text) => text.toLowerCase() === wanted.toLowerCase();
  if (vr === 'IS' || vr === 'DS' || vr === 'US') return (text) => Number(text) === Number(wanted);
  return (text) => text === wanted;
}

function texts(value: DicomJsonValue): string[] {
  if (value === null) return [];
  if (typeof value === 'object') return Object.values(value).filter((v) => typeof v === 'string');
  return [String(value)];
}

function includedFields(query: SearchQuery): { all: boolean; tags: Set<string> } {
  const names = [query.includefield ?? []].flat().flatMap((value) => value.split(','));
  const tags = new Set<string>();
  for (const name of names.filter((n) => n !== '' && n.toLowerCase() !== 'all')) {
    const tag = tagOf(name);
    if (!tag) throw new SearchError(`includefield: ${name} is not a DICOM attribute`);
    tags.add(tag);
  }
  return { all: names.some((name) => name.toLowerCase() === 'all'), tags };
}

function count(query: SearchQuery, name: 'limit' | 'offset'): number | undefined {
  const given = [query[name] ?? []].flat().at(-1);
  if (given === undefined || given === '') return undefined;
  if (!/^\d+$/.test(given)) throw new SearchError(`${name} must be a whole number, not ${given}`);
  return Number(given);
}
