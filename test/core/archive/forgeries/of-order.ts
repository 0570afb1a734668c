import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import type { SignOffResult } from "../../../../core/promotion/sign-off.ts";
import { cora, dana, House, sam } from "../house.ts";
import { member } from "../reviewers.ts";
import { answerFor, longAfter } from "../unrecorded.ts";
import { behind, type Forgery, instead, isOf, once, without } from "./forgery.ts";
import { madeToFit } from "./made-to-fit.ts";

// What happened, in another order than it happened in, or without what stood in the way.

const olga = member("Olga", "sre");

interface Scene {
  readonly house: House;
  readonly id: PromotionId;
  /** What stood in the way, as it was recorded; the service goes on as if it were not there. */
  readonly against: Fact;
}

/** Of what Sam approved or not he thinks otherwise, before Dana completes the stage; the service has it deployed all the same. */
async function stoppedBy(result: Exclude<SignOffResult, "approve">): Promise<Scene> {
  const house = new House(undefined, undefined, [olga]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  if (result === "withdraw") await house.sign(id, sam);
  await house.sign(id, sam, result, { reason: "The runbook is missing.", unheard: true });
  const against = house.facts.filter(isOf("sign-off", id)).at(-1);
  if (against === undefined) throw new Error("Nobody signed.");
  house.promotions.forgetLatest();
  if (result === "reject") await house.sign(id, olga);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  if (house.promotions.stored(id).status !== "deployed") throw new Error("It was not deployed.");
  return { house, id, against };
}

const scenes = { withdraw: once(() => stoppedBy("withdraw")), reject: once(() => stoppedBy("reject")) };

/** Told behind the last record of a type, so many seconds later. */
function toldBehind(result: keyof typeof scenes, type: Fact["type"], seconds: number): Forgery["tell"] {
  return async () => {
    const { house, id, against } = await scenes[result]();
    const facts = behind(
      house.facts,
      (fact) => fact === against,
      isOf(type, id),
      (fact, after) => ({ ...fact, at: addSeconds(after.at, seconds) }),
    );
    return { house, ...(await madeToFit(house, facts)) };
  };
}

const asItWas =
  (result: keyof typeof scenes): Forgery["tell"] =>
  async () => {
    const { house } = await scenes[result]();
    return { house, ...(await madeToFit(house, house.facts)) };
  };

/** Somebody signed before the stage was open that is theirs; the service took it all the same. */
async function signedBeforeOpened(told: (at: Instant) => Instant): ReturnType<Forgery["tell"]> {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const first = house.promotions.stored(id);
  if (first.stage === undefined) throw new Error("A stage is open.");
  house.promotions.put({ ...first, stage: { ...first.stage, index: 1, name: "model and operations" } });
  await house.sign(id, dana, "approve", { unheard: true });
  const early = house.facts.find(isOf("sign-off", id));
  if (early === undefined) throw new Error("Nobody signed.");
  house.promotions.put({ ...house.promotions.stored(id), stage: first.stage });
  house.pass(300);
  await house.sign(id, cora);
  await house.openStage(id);
  const opened = house.facts.filter(isOf("stage-opened", id)).at(-1)?.at ?? early.at;
  const at = told(early.at) === early.at ? early.at : addSeconds(opened, 10);
  house.promotions.datedOtherwise(early, at);
  await house.sign(id, sam);
  await house.verify(id);
  await house.deploy(id);
  const facts = instead(
    house.facts,
    (fact) => fact === early,
    (fact) => [{ ...fact, at }],
  );
  return { house, ...(await madeToFit(house, facts)) };
}

const whole = once(async () => {
  const house = new House();
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, dana);
  await house.sign(id, sam);
  await house.verify(id);
  await house.deploy(id);
  return { house, id };
});

/** One record of the history takes another's place and time, and the other its. */
function exchanged(one: (fact: Fact) => boolean, other: (fact: Fact) => boolean): Forgery["tell"] {
  return async () => {
    const { house } = await whole();
    const [a, b] = [house.facts.find(one), house.facts.findLast(other)];
    if (a === undefined || b === undefined) throw new Error("There is no such record.");
    const facts = house.facts.map((fact) => (fact === a ? { ...b, at: a.at } : fact === b ? { ...a, at: b.at } : fact));
    return { house, ...(await madeToFit(house, facts)) };
  };
}

const of = (type: Fact["type"], stage?: number) =>
  isOf(type, undefined, ({ body }) => stage === undefined || body["stage"] === stage);

/** The newer candidate is through its gates, and the service has forgotten which one it takes the place of. */
async function besideNewer(
  then: (house: House, older: PromotionId) => Promise<unknown>,
  first = async (house: House, older: PromotionId): Promise<void> => house.openStage(older),
): ReturnType<Forgery["tell"]> {
  const house = new House();
  const older = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(older);
  await first(house, older);
  house.pass(600);
  house.lanes.forget();
  const newer = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(newer);
  await house.openStage(newer);
  house.pass(600);
  await then(house, older);
  return { house };
}

export const ofOrder: Readonly<Record<string, Forgery>> = {
  "people who are asked about an older candidate while a newer one is before them": {
    tell: () => besideNewer((house, older) => house.sign(older, cora, "reject", { reason: "It is slow." })),
    ours: /life-cycle: It was open until \S+, and p-\S+, which was asked for later, had come through its gates by/,
    second: /people were asked about an older candidate although a newer one was through its gates/,
  },
  "an older candidate that comes through its gates behind a newer one": {
    tell: () =>
      besideNewer(
        (house, older) => house.openStage(older),
        async () => {},
      ),
    ours: /life-cycle: It came through its gates at \S+, and p-\S+, which was asked for later, had come through its gates by/,
    second: /people were asked about an older candidate although a newer one was through its gates/,
  },
  "an older candidate that is left open beside a newer one": {
    tell: () => besideNewer((house) => longAfter(house)),
    ours: /life-cycle: It is said to be over nowhere, and p-\S+, which was asked for later, had come through its gates by/,
    second: /an older candidate is open although a newer one was through its gates/,
  },
  "a withdrawal, told as it was": {
    tell: asItWas("withdraw"),
    ours: /nobody fills the seat of sre/,
    second: /decided with other seats than its sign-offs fill/,
  },
  "a withdrawal, told as after the stage was decided": {
    tell: toldBehind("withdraw", "stage-decided", 60),
    ours: /order: A sign-off was recorded after the verdict/,
    second: /a sign-off came after the verdict/,
  },
  "a withdrawal, told as after the verdict": {
    tell: toldBehind("withdraw", "verdict", 60),
    ours: /order: A sign-off was recorded after the verdict/,
    second: /a sign-off came after the verdict/,
  },
  "a withdrawal, told as after the deployment": {
    tell: toldBehind("withdraw", "deployed", 60),
    ours: /order: A sign-off was recorded after the verdict/,
    second: /a sign-off came after the verdict/,
  },
  "a withdrawal, told as of the seconds after the verdict": {
    tell: toldBehind("withdraw", "verdict", 4),
    ours: /order: A sign-off was recorded after its stage was decided/,
    second: /a sign-off came after its stage was decided/,
  },
  "a rejection, told as it was": {
    tell: asItWas("reject"),
    ours: /although the promotion was rejected before/,
    second: /a verdict is PASSED, but a seat does not stand/,
  },
  "a rejection, told as after the stage was decided": {
    tell: toldBehind("reject", "stage-decided", 60),
    ours: /order: A sign-off was recorded after the verdict/,
    second: /a sign-off came after the verdict/,
  },
  "a rejection, told as after the verdict": {
    tell: toldBehind("reject", "verdict", 60),
    ours: /order: A sign-off was recorded after the verdict/,
    second: /a sign-off came after the verdict/,
  },
  "a sign-off before its stage was opened": {
    tell: () => signedBeforeOpened((at) => at),
    ours: /A sign-off was recorded before its stage was opened/,
    second: /a sign-off came before its stage was opened/,
  },
  "a sign-off before its stage was opened, told as after that": {
    tell: () => signedBeforeOpened((at) => addSeconds(at, 1)),
    ours: /A sign-off was signed before its stage was opened/,
    second: /a sign-off was signed before its stage was opened/,
  },
  "gates before what they judged was frozen": {
    tell: exchanged(of("freeze"), of("gates")),
    ours: /gates-differ: The gates, evaluated again/,
    second: /the gate report says another time than its record/,
  },
  "a stage that was opened before the gates": {
    tell: exchanged(of("gates"), of("stage-opened", 0)),
    ours: /the gates have not passed/,
    second: /the gate report says another time than its record/,
  },
  "the second stage before the first": {
    tell: exchanged(of("stage-opened", 0), of("stage-opened", 1)),
    ours: /it is not the next stage of the review/,
    second: /a stage is opened out of turn/,
  },
  "the second stage opened before the first was decided": {
    tell: exchanged(of("stage-decided", 0), of("stage-opened", 1)),
    ours: /it is not the next stage of the review/,
    second: /a stage is opened out of turn/,
  },
  "a stage that was decided before its last sign-off": {
    tell: async () => {
      const { house } = await whole();
      const facts = behind(house.facts, of("stage-decided", 1), of("stage-opened", 1), (fact, { at }) => ({
        ...fact,
        at: addSeconds(at, 1),
      }));
      return { house, ...(await madeToFit(house, facts)) };
    },
    ours: /its sign-offs do not decide it: nobody fills the seat/,
    second: /decided with other seats than its sign-offs fill/,
  },
  "a verdict before the last stage was decided": {
    tell: exchanged(of("stage-decided", 1), of("verdict")),
    ours: /a verdict is signed over an approved promotion/,
    second: /\(verdict\) cannot follow: the promotion is in-review/,
  },
  "a deployment before its verdict": {
    tell: exchanged(of("verdict"), of("deployment-started")),
    ours: /there is no verdict that allows it/,
    second: /a deployment rests on no verdict/,
  },
  "a deployment that was over before it began": {
    tell: exchanged(of("deployment-started"), of("deployed")),
    ours: /approved cannot become deployed/,
    second: /brings what the target said at another time/,
  },
};

/** What stood in the way is told as of the seconds in which nobody may have heard of it yet. */
export const inTheSameSeconds: Readonly<Record<string, Forgery["tell"]>> = {
  "a withdrawal, told as of the seconds after its stage was decided": toldBehind("withdraw", "stage-decided", 4),
  "a rejection, told as of the seconds after the verdict": toldBehind("reject", "verdict", 4),
};

/** What stood in the way is left out, and everything is counted anew; and what its author was answered, and kept. */
export async function leftOut(
  result: "withdraw" | "reject",
): Promise<Awaited<ReturnType<Forgery["tell"]>> & { readonly answer: Uint8Array }> {
  const { house, against } = await stoppedBy(result);
  await longAfter(house);
  const facts = without(house.facts, (fact) => fact === against);
  return { house, answer: answerFor(against, house.blobs), ...(await madeToFit(house, facts)) };
}
