import { describe, expect, it } from "vitest";
import type { DelegationDocument } from "../../../core/attestation/delegation-statement.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { cora, dana, House, sam, shipped, shippedWith, tom } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";
import { issuer, member } from "./reviewers.ts";
import { approvedByOthers, stageGone } from "./stage-gone.ts";

// Somebody's account is deleted and made again in the middle of a review, as where they lost their second factor: the directory
// lists them under another subject, and what they signed before is by an account that it does not know any more.

const emil = member("Emil", "visitors");
const sally = member("Sally", "sre", "lead-data-scientists");
const [ida, olaf] = [member("Ida", "incident-commanders", "sre"), member("Olaf", "incident-commanders")];

function madeAnew({ people }: House, who: Member, other: Partial<Member> = {}): Member {
  const again: Member = { ...who, ...other, identity: { issuer, subject: `${who.identity.subject}-of-now` } };
  people.splice(
    people.findIndex(({ identity }) => identity.subject === who.identity.subject),
    1,
    again,
  );
  return again;
}

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "taken",
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
const told = async (house: House) =>
  (await verified(await packOf({ house }))).findings.map(({ code, sentence }) => `${code}: ${sentence}`);

async function judged(people: readonly Member[], until?: (house: House) => Promise<void>) {
  const house = new House(undefined, undefined, people);
  await until?.(house);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  return { house, id };
}

describe("whose account was made anew", () => {
  it.each([false, true])(
    "approves nothing of their own by it, whether they had objected by the one before: %s",
    async (objected) => {
      // people.yaml knows Tom by both of his addresses, of which the directory has the second by now.
      const people = "\n  - name: Tom\n    address: tom@example.com\n    otherAddresses: [tom@bank.example]\n";
      const stage = "      - name: model and operations\n";
      const matrix = shipped.bundle.texts["matrix.yaml"].replace(stage, `${stage}        rejectionsToStop: 2\n`);
      const house = new House(undefined, shippedWith(matrix, { targets: "", thresholds: "", people }));
      const id = await house.submit("candidate", "2.0.0");
      await house.freezeAndJudge(id);
      await house.openStage(id);
      await house.sign(id, cora);
      await house.openStage(id);
      if (objected) await house.sign(id, tom, "reject", { reason: "I want to look again." });
      const again = madeAnew(house, tom, { address: "tom@bank.example" });
      expect(await refusalOf(house.sign(id, again))).toBe("not-entitled");
      await house.sign(id, sam);
      expect(house.promotions.stored(id).status).toBe("in-review");
      expect(await told(house)).toEqual([]);
    },
  );

  it.each(["withdraw", "approve"] as const)(
    "has nothing kept for the next review of what they objected by the one before: %s",
    async (then) => {
      const scene = await stageGone({ toStop: 2 });
      const { house, id } = scene;
      const carl = house.people.find(({ name }) => name === "Carl") ?? expect.unreachable();
      await house.sign(id, madeAnew(house, carl), then);
      await scene.rename();
      await approvedByOthers(scene);
      const reopened = house.facts.find(({ promotion, body }) => promotion === id && "kept" in body);
      expect(JSON.stringify(reopened?.body["kept"] ?? [])).not.toContain("reject");
      expect(await told(house)).toEqual([]);
    },
  );

  it("ratifies nothing that they lent", async () => {
    const { house, id } = await judged([ida, olaf]);
    const first = await house.lend(id, ida, { seconds: 14_400 });
    await house.lend(id, olaf, { seconds: 14_400, confirms: first });
    await house.verify(id);
    await house.deploy(id);
    const again = madeAnew(house, ida);
    await house.openStage(id);
    await house.sign(id, cora);
    await house.openStage(id);
    await house.sign(id, dana);
    expect(await refusalOf(house.sign(id, again))).toBe("not-entitled");
    expect(house.promotions.stored(id).status).toBe("loaned");
    expect(await told(house)).toEqual([]);
  });

  it("confirms no loan that they asked for", async () => {
    const { house, id } = await judged([ida, olaf]);
    const first = await house.lend(id, ida, { seconds: 14_400 });
    const again = madeAnew(house, ida);
    expect(await refusalOf(house.lend(id, again, { seconds: 14_400, confirms: first }))).toBe("not-entitled");
    expect(await told(house)).toEqual([]);
  });

  it("fills no second seat beside the one that another signed in their place", async () => {
    let delegation: Awaited<ReturnType<House["delegate"]>> | undefined;
    const from = "2026-11-23T08:00:00.000Z" as Instant;
    const { house, id } = await judged([emil, sally], async (here) => {
      const document: DelegationDocument = {
        delegator: sally.identity,
        delegate: emil.identity,
        role: "sre",
        scope: { modelType: "credit-scoring" },
        from,
        until: addSeconds(from, 7 * 86_400),
        reason: "",
        salt: "AAAAAAAAAAAAAAAAAAAAAA",
      };
      delegation = await here.delegate("delegate", document, sally);
    });
    if (delegation === undefined) return expect.unreachable();
    await house.sign(id, cora);
    await house.openStage(id);
    await house.sign(id, emil, "approve", { inPlaceOf: { who: sally, delegation, role: "sre" } });
    await refusalOf(house.sign(id, madeAnew(house, sally)));
    await house.decide(id);
    expect(house.promotions.stored(id).status).toBe("in-review");
    expect(await told(house)).toEqual([]);
  });

  it("fills no second seat beside the one that is kept of the candidate before", async () => {
    const nina = member("Nina", "compliance-officers", "sre");
    const { house, id: older } = await judged([nina]);
    await house.sign(older, nina);
    await house.openStage(older);
    const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
    await house.freezeAndJudge(newer);
    await house.openStage(newer);
    await house.decide(newer);
    await house.openStage(newer);
    expect(house.promotions.stored(newer).carried).toHaveLength(1);
    const again = madeAnew(house, nina);
    await house.sign(newer, dana);
    await refusalOf(house.sign(newer, again));
    await house.decide(newer);
    expect(house.promotions.stored(newer).status).toBe("in-review");
    expect(await told(house)).toEqual([]);
  });

  it("approves no policies that they proposed, nor does anybody while the directory does not know the proposer", async () => {
    const others = [ida, olaf, member("Lea", "lead-data-scientists")];
    const house = new House(undefined, undefined, others);
    await house.adoptPolicy();
    const text = shipped.bundle.texts["people.yaml"];
    const id = await house.proposePolicy(dana, { "people.yaml": `${text}\n# nothing\n` });
    await house.freezeAndJudge(id);
    await house.openStage(id);
    const again = madeAnew(house, dana);
    for (const who of [cora, again]) expect(await refusalOf(house.sign(id, who))).toBe("not-entitled");
    expect(await refusalOf(house.sign(id, cora, "reject", { reason: "Propose it again." }))).toBe("taken");
    expect(await told(house)).toEqual([]);
  });

  it("brings no policies in force that were approved before it was", async () => {
    const house = new House(undefined, undefined, [ida, olaf, member("Lea", "lead-data-scientists")]);
    await house.adoptPolicy();
    const text = shipped.bundle.texts["people.yaml"];
    const id = await house.proposePolicy(dana, { "people.yaml": `${text}\n# nothing\n` });
    await house.freezeAndJudge(id);
    await house.openStage(id);
    const [lea] = house.people.filter(({ name }) => name === "Lea");
    for (const who of [cora, lea ?? expect.unreachable()]) await house.sign(id, who);
    await house.decide(id);
    expect(house.promotions.stored(id).status).toBe("approved");
    madeAnew(house, dana);
    await house.verify(id);
    expect(house.promotions.stored(id).reason).toContain("is not in the directory any more");
    expect(await told(house)).toEqual([]);
  });
});

describe("what somebody took back by another account", () => {
  it("is not kept for the next candidate", async () => {
    // The directory lists the other one under an address of its own; both sign-ins say the same.
    const [nina, admin] = [member("Nina", "lead-data-scientists"), member("Nina-adm", "lead-data-scientists")];
    const { house, id: older } = await judged([nina, admin]);
    await house.sign(older, cora);
    await house.openStage(older);
    await house.sign(older, nina);
    await house.sign(older, admin, "withdraw", { claims: { email: nina.address } });
    const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
    await house.freezeAndJudge(newer);
    await house.openStage(newer);
    await house.decide(newer);
    await house.openStage(newer);
    await house.sign(newer, sam);
    const { status, carried = [] } = house.promotions.stored(newer);
    expect([status, carried.map(({ signOff }) => signOff.reviewerName)]).toEqual(["in-review", ["Cora"]]);
    expect(await told(house)).toEqual([]);
  });
});
