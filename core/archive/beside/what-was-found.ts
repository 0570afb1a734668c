import { addSeconds, type Instant, latestFirst } from "../../encoding/instant.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { type LanesTold, roomName } from "../documents/lane-name.ts";
import { type InPlace, inPlaceBy } from "../documents/what-took-its-place.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";

// Each deployment says what it found running, and what was lent says what serves since it was taken back. That is held against what
// the others of its model and target say came to run there, and went: whoever leaves one of these out has to tell the next
// deployment otherwise, too.

/** What a promotion says of the place of its deployment, in the order of its records; absent where it was never deployed. */
export interface FoundThere {
  /** What the beginnings of its deployment found; nothing is told besides. */
  readonly found?: readonly Found[];
  /** When it was on its way there, served, and was gone, or nobody knew any more. */
  readonly stood?: readonly { readonly at: Instant; readonly state: InPlace | "unknown" }[];
}

interface Found {
  /** Of the record. */
  readonly id: string;
  readonly at: Instant;
  /** The place of the record of a deployment, which was to take the place of what it found. */
  readonly begins?: number;
  /** Absent where the target's own name for it names none. */
  readonly promotion?: PromotionId;
}

export function foundThere(steps: readonly Step[]): FoundThere {
  const found = steps.flatMap(({ record, index }): readonly Found[] => {
    const name = nameFound(record);
    if (name === null) return [];
    const promotion = promotionIn(name);
    const begins = record.type === "deployment-started" ? { begins: index } : {};
    return [{ id: record.id, at: record.at, ...begins, ...(promotion === undefined ? {} : { promotion }) }];
  });
  const stood = steps.flatMap(({ record }): NonNullable<FoundThere["stood"]> => {
    const state = record.type === "failed" ? "unknown" : inPlaceBy(record);
    return state === undefined ? [] : [{ at: record.at, state }];
  });
  return { ...(found.length === 0 ? {} : { found }), ...(stood.length === 0 ? {} : { stood }) };
}

/** The target's own name for what ran there before a deployment began, or serves once what was lent was taken back. */
function nameFound(record: LedgerRecord): string | null {
  if (record.type === "deployment-started") return bodyOf("deployment-started", record).previous;
  return record.type === "loan-taken-back" ? bodyOf("loan-taken-back", record).serves : null;
}

/** Every kind of target names what runs there by its promotion, alone or among other things. */
function promotionIn(name: string): PromotionId | undefined {
  return /p-[0-9a-f]{32}-[1-9][0-9]{0,5}/.exec(name)?.[0] as PromotionId | undefined;
}

/** A promotion among those of its model and target. */
interface PlaceInTime extends FoundThere {
  readonly promotion: PromotionId;
  readonly lane: string;
  /** To which place its target led. */
  readonly place?: string;
  /** What was let serve again in its place. */
  readonly replacements: readonly { readonly at: Instant; readonly to: PromotionId }[];
}

/** The target's clock, and what one promotion's records are behind another's by. */
const seconds = 60;

/**
 * What deployments found where, by the others' records, something else ran, or what they found had been taken out or was never
 * deployed. Somebody may have changed that beside the service, so it is said. `told`: of which lanes the log tells all.
 */
export function foundOtherwise(places: readonly PlaceInTime[], told: LanesTold): readonly Unchecked[] {
  const rooms = Map.groupBy(
    places.filter(({ stood, lane }) => stood !== undefined && told(lane)),
    roomName,
  );
  const nameOf = new Map(places.map((each) => [each.promotion, roomName(each)]));
  return [...rooms].flatMap(([name, those]) => {
    const room = roomOf(those);
    return those.flatMap(({ promotion, found = [] }) =>
      found.flatMap((each): readonly Unchecked[] => {
        // What is of another model or target came to the same place by its name alone, or its own was another.
        if (each.promotion !== undefined && (nameOf.get(each.promotion) ?? name) !== name) return [];
        const sentence = otherwise(each, room);
        return sentence === undefined ? [] : [{ promotion, sentence }];
      }),
    );
  });
}

interface Room {
  readonly byId: ReadonlyMap<PromotionId, PlaceInTime>;
  /** Whatever came to serve, the latest first. */
  readonly served: readonly { readonly at: Instant; readonly promotion: PromotionId }[];
  /** When each was let serve again. */
  readonly putBack: ReadonlyMap<PromotionId, readonly Instant[]>;
}

function roomOf(those: readonly PlaceInTime[]): Room {
  const again = those.flatMap(({ replacements }) => replacements);
  return {
    byId: new Map(those.map((place) => [place.promotion, place])),
    served: latestFirst(
      those.flatMap(({ promotion, stood = [] }) =>
        stood.flatMap(({ at, state }) => (state === "serves" ? [{ at, promotion }] : [])),
      ),
      ({ at }) => at,
    ),
    putBack: new Map([...Map.groupBy(again, ({ to }) => to)].map(([to, those]) => [to, those.map(({ at }) => at)])),
  };
}

function otherwise({ id, at, promotion }: Found, { byId, served, putBack }: Room): string | undefined {
  const [earliest, latest] = [addSeconds(at, -seconds), addSeconds(at, seconds)];
  const before = (until: Instant) => (moment: Instant) => moment <= until;
  // The last that says that it came there, or came back.
  let since: Instant | undefined;
  if (promotion !== undefined) {
    const stood = byId.get(promotion)?.stood ?? [];
    const came = stood.filter(({ state }) => state === "under-way" || state === "serves").map((each) => each.at);
    since = [...came, ...(putBack.get(promotion) ?? [])].filter(before(latest)).toSorted().at(-1);
    if (since === undefined)
      return `Whether ${promotion} was never deployed before '${id}', as the records say: that found it there.`;
    const from = since;
    if (stood.some((each) => each.state === "gone" && each.at > from && each.at <= earliest))
      return `Whether ${promotion} had been taken out before '${id}', as its records say: that found it there.`;
  }
  // Whatever came later than what was found, and is not said to be gone, or to have made place.
  const other = served.find(
    (each) => each.at <= earliest && each.promotion !== promotion && !wentBy(byId.get(each.promotion), each.at, latest),
  );
  return other === undefined || (since !== undefined && other.at <= since)
    ? undefined
    : `Whether ${other.promotion} served until '${id}', as the records say: that found ${promotion ?? "what is none of these"} there, and no record says that it had been taken out.`;
}

/** Whether it was gone again, or something else put in its place. */
function wentBy(place: PlaceInTime | undefined, from: Instant, until: Instant): boolean {
  const gone = (place?.stood ?? []).some(
    ({ state, at }) => (state === "gone" || state === "unknown") && at >= from && at <= until,
  );
  return gone || (place?.replacements ?? []).some(({ at }) => at <= until);
}
