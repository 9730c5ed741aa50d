import * as v from 'valibot';
import { numberFrom, object, positive } from '../schema/schema';

/**
 * Everything about counting and deciding that is fitted to one network: a model's manifest holds it
 * (`decision`), the trainer teaches by it, and decoding reads nothing of the kind from anywhere
 * else. A setting is declared here alone, with its meaning, which manifest, facts and card show.
 */
const share = (meaning: string) => v.pipe(numberFrom(0, 1), v.description(meaning));
const above0 = (meaning: string, max: number) => v.pipe(positive(max), v.description(meaning));

export const DecisionSchema = object({
  minInView: share('L3 counts as in view from this probability on'),
  minProbability: share('a level is named from this probability on'),
  minAnchor: share('the sacrum counts as seen from this response of S1 on'),
  minRibAnchor: share('the last rib counts as seen from this response of its map on'),
  minNearL3: share(
    'bodies are recognised where L3 is put from this response of L2, L3 or L4 on (where the network knows ribs)',
  ),
  minLumbar: share(
    'a lumbar spine is recognised from this mean response on, of L2, L3 and L4 where they are put in the picture',
  ),
  minParted: v.pipe(
    numberFrom(-1, 1),
    v.description(
      'the same response stands at least this above that of any body between L3 and its neighbours: what no disc parts is no vertebra',
    ),
  ),
  minSeen: share('a vertebra is recognised from this response of its own map on'),
  otherPartLumbar: share(
    '`minLumbar` where the header names another part of the body and nothing that may hold a lumbar spine',
  ),
  otherPartParted: v.pipe(numberFrom(-1, 1), v.description('`minParted` there')),
  agreement: share(
    'two counts disagree where the last rib’s finds less than this of T12 where the sacrum’s puts it',
  ),
  variants: share('how often the two counts disagree in people'),
  dissent: share(
    'where one network of a committee counts differently, this share of its certainty goes to the place that it names',
  ),
  temperature: above0('the logit of a level’s probability is divided by this', 10),
  ownWeight: share('weight of a level’s own map, where the level is no anchor, beside any body’s'),
  ribPower: above0('the odds of the last rib’s map count to this power', 5),
  floor: above0('every response is lifted by this: no row is impossible', 0.5),
  ribHeadMm: above0(
    'nothing is counted from a rib nearer than this to the upper end, mm: it may be that of a body above',
    100,
  ),
  heatMm: above0('standard deviation of the heat that the network was taught, mm', 30),
  sdFloorMm: above0('least standard deviation of a height, mm', 20),
  sdBlur: share('standard deviation of a height a mm by which the response is wider than the heat'),
  sdFaintMm: above0('standard deviation of a height where the response is nothing, mm', 50),
});

export type Decision = v.InferOutput<typeof DecisionSchema>;

/** For a network that nobody has calibrated; what the trainer teaches by, too. */
export const UNCALIBRATED: Decision = {
  minInView: 0.5,
  minProbability: 0.6,
  minAnchor: 0.3,
  minRibAnchor: 0.3,
  minNearL3: 0.1,
  minLumbar: 0,
  minParted: -1,
  minSeen: 0,
  otherPartLumbar: 0,
  otherPartParted: -1,
  agreement: 1 / 3,
  variants: 0.12,
  dissent: 0.4,
  temperature: 1,
  ownWeight: 0.25,
  ribPower: 1.5,
  floor: 0.03,
  ribHeadMm: 24,
  heatMm: 8,
  sdFloorMm: 0.6,
  sdBlur: 0.15,
  sdFaintMm: 2.8,
};

/** What is asked for where the header names another part of the body: never less than elsewhere. */
export function forOtherPart(decision: Decision): Decision {
  return {
    ...decision,
    minLumbar: Math.max(decision.minLumbar, decision.otherPartLumbar),
    minParted: Math.max(decision.minParted, decision.otherPartParted),
  };
}

/** What a setting means, in one English phrase. */
export function meaningOf(setting: keyof Decision): string {
  return v.getDescription(DecisionSchema.entries[setting]) ?? setting;
}
