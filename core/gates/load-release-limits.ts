import { complain, countOf, fieldsOf, itemsOf, list, type Place, textOf } from "../encoding/policy-file.ts";
import { measuredKinds } from "./facts.ts";
import { boundsOf, membersOf, numberFrom, requireMetricName, wholeNumberOf } from "./load-bounds.ts";
import { knownMeasures } from "./measure-title.ts";
import type {
  CapacityThresholds,
  ChampionThresholds,
  GateThresholds,
  InfrastructureThresholds,
  Slack,
} from "./thresholds.ts";

/** Bounds for what unit tests, data validation, a toxicity report or a shadow run measure. */
export function measuresOf(place: Place | undefined): Pick<GateThresholds, "measures"> {
  if (place === undefined) return {};
  const kinds = measuredKinds.filter((kind) => kind !== "model-card");
  const measures = membersOf(place, (at, kind) => {
    if (!kinds.some((known) => known === kind)) complain(at, `This must be one of ${list(kinds)}.`);
    const known = knownMeasures(kind);
    return boundsOf(at, (name, bound) => {
      if (known !== undefined && !known.includes(name))
        complain(bound, `'${name}' is not a measure of ${kind}; known are ${list(known)}.`);
      else requireMetricName(name, bound);
    });
  });
  return { measures };
}

export function infrastructureOf(place: Place | undefined): Pick<GateThresholds, "infrastructure"> {
  if (place === undefined) return {};
  const fields = fieldsOf(
    place,
    [],
    ["deletions", "replacements", "instances", "instanceTypes", "keepStateful", "noWildcards"],
  );
  if (Object.keys(fields).length === 0)
    complain(place, "Nothing is asked for here: leave the field out or name a rule.");
  const { deletions, replacements, instances, instanceTypes, keepStateful, noWildcards } = fields;
  const infrastructure: InfrastructureThresholds = {
    ...(deletions === undefined ? {} : { deletions: wholeNumberOf(deletions) }),
    ...(replacements === undefined ? {} : { replacements: wholeNumberOf(replacements) }),
    ...(instances === undefined ? {} : { instances: wholeNumberOf(instances) }),
    ...(instanceTypes === undefined ? {} : { instanceTypes: itemsOf(instanceTypes).map((type) => textOf(type)) }),
    ...(keepStateful === undefined ? {} : { keepStateful: onlyTrue(keepStateful) }),
    ...(noWildcards === undefined ? {} : { noWildcards: onlyTrue(noWildcards) }),
  };
  return { infrastructure };
}

export function modelCardOf(place: Place | undefined): Pick<GateThresholds, "modelCard"> {
  if (place === undefined) return {};
  const { sections, risks } = fieldsOf(place, ["sections"], ["risks"]);
  return {
    modelCard: {
      sections: itemsOf(sections).map((section) => textOf(section)),
      ...(risks === undefined ? {} : { risks: itemsOf(risks).map((risk) => textOf(risk)) }),
    },
  };
}

export function capacityOf(place: Place | undefined): Pick<GateThresholds, "capacity"> {
  if (place === undefined) return {};
  const { sizeFactor, reserveGib, declared } = fieldsOf(place, ["sizeFactor", "reserveGib", "declared"]);
  if (declared !== undefined && typeof declared.value !== "boolean") complain(declared, "This must be true or false.");
  const capacity: CapacityThresholds = {
    sizeFactor: numberFrom(sizeFactor, 1),
    reserveGib: numberFrom(reserveGib, 0),
    declared: declared?.value !== false,
  };
  return { capacity };
}

export function championOf(place: Place | undefined): Pick<GateThresholds, "champion"> {
  if (place === undefined) return {};
  const { quality, fairness, releases } = fieldsOf(place, [], ["quality", "fairness", "releases"]);
  if (quality === undefined && fairness === undefined)
    complain(place, "A comparison has 'quality', 'fairness' or both.");
  const champion: ChampionThresholds = {
    quality: membersOf(quality, (at, name) => {
      requireMetricName(name, at);
      return slackOf(at);
    }),
    fairness: membersOf(fairness, (facet) =>
      membersOf(facet, (at) => {
        const { ideal, awayAtMost } = fieldsOf(at, ["ideal", "awayAtMost"]);
        return { ideal: numberFrom(ideal, -1), awayAtMost: numberFrom(awayAtMost, 0) };
      }),
    ),
    releases: countOf(releases, 1, 20),
  };
  return { champion };
}

function slackOf(place: Place): Slack {
  const { dropAtMost, riseAtMost } = fieldsOf(place, [], ["dropAtMost", "riseAtMost"]);
  if ((dropAtMost === undefined) === (riseAtMost === undefined))
    complain(place, "This must have 'dropAtMost', where more is better, or 'riseAtMost', where less is.");
  return riseAtMost === undefined
    ? { dropAtMost: numberFrom(dropAtMost, 0) }
    : { riseAtMost: numberFrom(riseAtMost, 0) };
}

function onlyTrue(place: Place): true {
  if (place.value !== true) complain(place, "This must be true; leave the field out where it is not asked for.");
  return true;
}
