import type { Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, tom } from "./house.ts";
import { type Files, packOf } from "./memory-pack.ts";
import { member } from "./reviewers.ts";

interface UnderThem {
  readonly house: House;
  /** What was judged and deployed under them. */
  readonly promotion: PromotionId;
  /** All that was recorded but that they are in force. */
  readonly facts: readonly Fact[];
  /** That they are. */
  readonly policies: readonly Fact[];
}

/** A candidate that was judged and deployed under policies which people had signed for moments before. */
export function candidate(): Promise<UnderThem> {
  known ??= underThem();
  return known;
}

let known: Promise<UnderThem> | undefined;

async function underThem(): Promise<UnderThem> {
  const house = new House(
    undefined,
    undefined,
    ["Ida", "Olaf"].map((name) => member(name, "incident-commanders")),
  );
  await house.adoptPolicy();
  const matrix = shipped.bundle.texts["matrix.yaml"].replace("carryOver: 3d", "carryOver: 2d");
  const change = await house.proposePolicy(tom, { "matrix.yaml": matrix });
  await house.freezeAndJudge(change);
  await house.openStage(change);
  await house.sign(change, cora);
  await house.sign(change, dana);
  await house.verify(change);
  await house.activatePolicy(change);
  const promotion = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(promotion);
  await house.openStage(promotion);
  await house.sign(promotion, cora);
  await house.openStage(promotion);
  await house.sign(promotion, sam);
  await house.sign(promotion, dana);
  await house.verify(promotion);
  await house.deploy(promotion);
  const isLast = ({ promotion: of, type }: Fact) =>
    of === change && (type === "policy-activated" || type === "deployed");
  return {
    house,
    promotion,
    facts: house.facts.filter((fact) => !isLast(fact)),
    policies: house.facts.filter(isLast),
  };
}

/** The pack of it, and of a log that was signed a second after something else was recorded. */
export async function packUntil(at: Instant | undefined, more: readonly Fact[] = []): Promise<Files> {
  const { house, promotion, facts } = await candidate();
  const opened = at === undefined ? [] : [linkOpened(promotion, at)];
  return await packOf({ house }, { facts: [...facts, ...more, ...opened], goesOn: 0 });
}

function linkOpened(promotion: PromotionId, at: Instant): Fact {
  return {
    ...{ id: `${promotion}/link-opened/1`, promotion, type: "link-opened", at },
    ...{ summary: "A link was opened.", body: {}, attachments: [] },
  };
}
