import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, House } from "./house.ts";
import { approved } from "./left-under-way.ts";
import { type Files, packOf } from "./memory-pack.ts";

/** Two promotions, of which the log has all that one says, and of the other not yet what this rests on. */
interface OnItsWay {
  readonly house: House;
  /** What is on its way. */
  readonly missing: readonly Fact[];
}

/** `from`: the first of the other's records that is on its way. */
type Told = Promise<{ readonly house: House; readonly other: PromotionId; readonly from: Fact["type"] }>;

const stories = { released, superseded, drifted };
export type Story = keyof typeof stories;
export const storiesOfOthers = Object.keys(stories) as readonly Story[];

const known = new Map<Story, Promise<OnItsWay>>();

/** Each is made once. */
function told(story: Story): Promise<OnItsWay> {
  const made = known.get(story) ?? withoutEnd(stories[story]());
  known.set(story, made);
  return made;
}

async function withoutEnd(story: Told): Promise<OnItsWay> {
  const { house, other, from } = await story;
  const own = house.facts.filter((fact) => fact.promotion === other);
  const first = own.findIndex(({ type }) => type === from);
  return { house, missing: own.slice(first) };
}

/**
 * The pack of a log that goes on for so many seconds after what says something of another: with what that rests on, or without,
 * since it is on its way.
 */
export async function packOfOthers(
  story: Story,
  { complete = false, seconds }: { readonly complete?: boolean; readonly seconds: number },
): Promise<Files> {
  const { house, missing } = await told(story);
  const facts = complete ? house.facts : house.facts.filter((fact) => !missing.includes(fact));
  return await packOf({ house }, { facts, goesOn: seconds });
}

async function deployed(house: House, id: PromotionId): Promise<void> {
  await approved(house, id);
  await house.deploy(id);
}

/** An update, of which the gates compared with what had been released a moment before. */
async function released(): Told {
  const house = new House();
  const other = await house.submit("champion", "1.0.0");
  await deployed(house, other);
  const promotion = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(promotion);
  return { house, other, from: "deployed" };
}

/** What took the place of an older one, and keeps what was signed for that. */
async function superseded(): Told {
  const house = new House();
  const other = await house.submit("candidate", "1.0.0");
  await house.freezeAndJudge(other);
  await house.openStage(other);
  await house.sign(other, cora);
  const promotion = await house.submit("candidate", "1.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(promotion);
  await house.openStage(promotion);
  await house.decide(promotion);
  return { house, other, from: "superseded" };
}

/** What asks whether something that drifted may run on. */
async function drifted(): Told {
  const house = new House();
  const other = await house.submit("champion", "1.0.0");
  await deployed(house, other);
  house.pass(3600);
  const promotion = await house.drift("It drifts.");
  await house.freezeAndJudge(promotion);
  return { house, other, from: "drift" };
}
