import { beforeAll, describe, expect, it } from "vitest";
import type { PeopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import type { PackFindingCode } from "../../../core/archive/pack/pack-findings.ts";
import { readToken } from "../../../core/attestation/id-token.ts";
import { passportEnd } from "../../../core/attestation/passport.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { sameIdentity } from "../../../core/promotion/identity.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, tom } from "./house.ts";
import { packOf, type Recorded, recordStories, verified, withoutToken } from "./pack-fixture.ts";
import * as retelling from "./retelling.ts";
import { clientId } from "./reviewers.ts";

// Whoever runs the service holds the log's key and can write whatever they like into it. What they then cannot do is
// make it add up: these packs have a perfect log, perfect digests, and records that do not follow from each other.

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

async function findings(
  told: retelling.Retold,
): Promise<readonly { readonly code: PackFindingCode; readonly sentence: string }[]> {
  const result = await verified(await packOf(recorded, told));
  const deployed = result.promotions.find(({ promotion }) => promotion === recorded.deployed);
  if (result.findings.some(({ promotion }) => promotion === recorded.deployed))
    expect(deployed?.outcome).toBe("FAILED");
  return result.findings;
}

async function codes(told: retelling.Retold): Promise<readonly PackFindingCode[]> {
  return [...new Set((await findings(told)).map(({ code }) => code))].toSorted();
}

function facts(): readonly Fact[] {
  return recorded.house.facts;
}

const factOf = (type: Fact["type"], promotion: PromotionId = recorded.deployed) =>
  retelling.factOf(recorded.house, type, promotion);
const changed = (wanted: Fact, change: (fact: Fact) => Fact | undefined) =>
  retelling.changed(recorded.house, wanted, change);
const withDocument = (wanted: Fact, name: string, bytes: Uint8Array) =>
  retelling.withDocument(recorded.house, wanted, name, bytes);

describe("sign-offs", () => {
  it("of one promotion, shown for another attempt at the same candidate", async () => {
    const [mine, other] = [factOf("sign-off"), factOf("sign-off", recorded.rejected)];
    const told = changed(mine, (fact) => ({ ...fact, attachments: other.attachments }));
    expect(await codes({ facts: told })).toEqual(["quorum-differs", "sign-off-invalid", "verdict-differs"]);
  });

  it("left out of the ledger", async () => {
    expect(await codes({ facts: changed(factOf("sign-off"), () => undefined) })).toEqual([
      "quorum-differs",
      "verdict-differs",
    ]);
  });

  it("told twice under the same id", async () => {
    const twice = [...facts(), { ...factOf("sign-off"), summary: "Once more." }];
    expect(await findings({ facts: twice })).toContainEqual(
      expect.objectContaining({ code: "record-repeated", promotion: recorded.deployed }),
    );
  });

  it("with a token that signs another decision", async () => {
    const told = withDocument(
      factOf("sign-off"),
      "id-token.jwt",
      utf8(recorded.house.provider.token(cora, "nonce", facts()[0]?.at as Instant)),
    );
    const sentence = (await findings(told)).find(({ code }) => code === "sign-off-invalid")?.sentence;
    expect(sentence).toMatch(/sign-in (was made for another decision|is older)/);
  });

  it("with a token of a key that is not in the archived key set", async () => {
    const told = withDocument(factOf("sign-off"), "jwks.json", canonicalJsonBytes({ keys: [] }));
    expect(await codes(told)).toEqual(["quorum-differs", "sign-off-invalid", "verdict-differs"]);
  });

  it("recorded as another result than was signed", async () => {
    const told = changed(factOf("sign-off", recorded.rejected), (fact) => ({
      ...fact,
      body: { ...fact.body, result: "reject" },
    }));
    expect(await codes({ facts: told })).toContain("sign-off-invalid");
  });

  it.each<[string, Fact["body"]]>([
    ["result", { result: "withdraw" }],
    ["person", { reviewer: { ...dana.identity } }],
    ["role", { roles: ["lead-data-scientist"] }],
  ])("recorded with another %s than was signed, in a pack without the token that says so too", async (_, body) => {
    const told = changed(factOf("sign-off"), (fact) => ({ ...fact, body: { ...fact.body, ...body } }));
    const { findings: found } = await verified(await packOf(recorded, { facts: told, withoutPersonalData: true }));
    expect(found).toContainEqual(
      expect.objectContaining({
        code: "sign-off-invalid",
        sentence: expect.stringMatching(/stored as another decision|names somebody else/),
      }),
    );
  });

  it("recorded for more groups than the identity provider named", async () => {
    const told = changed(factOf("sign-off"), (fact) => ({
      ...fact,
      body: { ...fact.body, groups: ["compliance-officers", "sre"] },
    }));
    const [first] = await findings({ facts: told });
    expect(first?.sentence).toContain("stored with other groups");
  });

  it("whose token nobody saw and is said to be left out, in a pack that has all others", async () => {
    const told = withDocument(factOf("sign-off"), "id-token.jwt", utf8("nobody signed in"));
    const forged = told.facts?.find(({ id }) => id === factOf("sign-off").id) ?? expect.unreachable();
    const all = "all that is personal is left out, or nothing.";
    const { findings: found, promotions } = await verified(withoutToken(await packOf(recorded, told), forged));
    expect(found.map(({ sentence }) => sentence)).toEqual([
      `The manifest leaves out documents of a pack that is not one without personal data: ${all}`,
      `The id-token.jwt of '${forged.id}' was left out of a pack that is not one without personal data: ${all}`,
    ]);
    expect(promotions.map(({ outcome }) => outcome)).toEqual(["FAILED", "PASSED", "PASSED"]);
    const without = { ...told, withoutPersonalData: true };
    // Where all are left out, nobody takes it for a pack in which they were verified.
    expect(await verified(await packOf(recorded, without))).toMatchObject({ holds: true, withoutPersonalData: true });
  });

  it("with a token that was issued to another application", async () => {
    const signOff = factOf("sign-off");
    const sha256 = signOff.attachments.find(({ name }) => name === "id-token.jwt")?.sha256 ?? expect.unreachable();
    const { nonce, iat } = readToken(fromUtf8(recorded.house.blobs.get(sha256) ?? new Uint8Array())).claims;
    const given = instantFromMs(Number(iat) * 1000);
    const token = recorded.house.provider.token(cora, String(nonce), given, { aud: "lunch-menu" });
    const told = withDocument(signOff, "id-token.jwt", utf8(token));
    expect(await codes(told)).toEqual(["quorum-differs", "sign-off-invalid", "verdict-differs"]);
    // The log may begin with whatever its operator likes: whoever knows the applications is not misled.
    const begun = retelling.factOf(recorded.house, "installation");
    const lied = { ...begun, body: { ...begun.body, audiences: [clientId, "lunch-menu"] } };
    const facts = (told.facts ?? recorded.house.facts).map((fact) => (fact === begun ? lied : fact));
    const files = await packOf(recorded, { ...told, facts });
    const { holds, unchecked } = await verified(files);
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence).join()).toContain(
      "the applications that people sign in to (portal-client, lunch-menu)",
    );
    expect(await verified(files, { known: { audiences: [clientId] } })).toMatchObject({ holds: false });
  });

  it("by the person who trained the model", async () => {
    const house = new House();
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    // The directory says one address, the identity provider another: the trainer's. The service is to refuse that.
    const signed = () => house.sign(id, cora, "approve", { claims: { email: tom.address } });
    await expect(signed()).rejects.toThrow(
      "Cora trained the model and wrote the training code, and so cannot approve it.",
    );
    const promotion = house.promotions.stored(id);
    const { lineage, ...manifest } = promotion.manifest;
    house.promotions.put({
      ...promotion,
      manifest: { ...manifest, lineage: { ...lineage, trainedBy: [], codeAuthors: [] } },
    });
    await signed();
    house.promotions.put(promotion);
    const result = await verified(await packOf({ ...recorded, house }));
    expect(result.findings[0]?.sentence).toBe(
      "Separation of duties: sub-cora, who trained the model and wrote the training code, fills the seat of compliance-officer.",
    );
  });
});

describe("decisions", () => {
  it("by somebody who held the role no longer when the verdict was signed, or of whom people.yaml does not say what people.json does", async () => {
    const verdict = factOf("verdict");
    const kept = verdict.attachments.find(({ name }) => name === "people.json");
    const bytes = recorded.house.blobs.get(kept?.sha256 ?? ("" as Sha256)) ?? new Uint8Array();
    const snapshot: PeopleSnapshot = JSON.parse(fromUtf8(bytes));
    expect(snapshot.members.map(({ identity }) => identity.subject).toSorted()).toEqual([
      "sub-cora",
      "sub-dana",
      "sub-sam",
    ]);
    const told = (over: Partial<PeopleSnapshot>) =>
      findings(withDocument(verdict, "people.json", canonicalJsonBytes({ ...snapshot, ...over })));
    const [author] = recorded.house.promotions.stored(recorded.deployed).manifest.lineage.trainedBy;
    const addresses = author !== undefined && "address" in author ? [author.address] : [];
    const link = { addresses, accounts: [], identities: [dana.identity], outside: false };
    // The link is in no people.yaml: what the service makes up convicts it as well.
    expect(await told({ people: [link] })).toContainEqual(
      expect.objectContaining({
        code: "quorum-differs",
        sentence: "people.json says of people what people.yaml of the policies that judged does not.",
      }),
    );
    const left = snapshot.members.map((member) =>
      sameIdentity(member.identity, sam.identity) ? { ...member, groups: [] } : member,
    );
    expect(await told({ members: left })).toMatchObject([
      { code: "quorum-differs", sentence: "The verdict is PASSED, but nobody fills the seat of sre." },
    ]);
  });

  it("a stage decided for people who did not sign", async () => {
    const decided = factOf("stage-decided");
    const seats = (decided.body["seats"] as readonly { readonly person: object }[]).map((seat) => ({
      ...seat,
      person: { ...sam.identity },
    }));
    const told = changed(decided, (fact) => ({ ...fact, body: { ...fact.body, seats } }));
    expect(await codes({ facts: told })).toEqual(["quorum-differs"]);
  });

  it("a stage decided before anybody signed", async () => {
    const opened = factOf("stage-opened");
    const told = changed(factOf("stage-decided"), (fact) => ({ ...fact, at: opened.at }));
    expect((await findings({ facts: told })).map(({ sentence }) => sentence)).toContain(
      "The stage 'compliance' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of compliance-officer.",
    );
  });

  it("requirements that ask for less than the sign-offs were given under", async () => {
    const gates = factOf("gates");
    const attachment = gates.attachments.find(({ name }) => name === "requirements.json");
    const bytes = recorded.house.blobs.get(attachment?.sha256 as Sha256) ?? new Uint8Array();
    const document = JSON.parse(Buffer.from(bytes).toString("utf8"));
    document.rule.stages.pop();
    const lax = canonicalJsonBytes(document);
    const told = withDocument(gates, "requirements.json", lax);
    const requirements = sha256Hex(lax);
    const consistent = told.facts?.map((fact) =>
      fact.id === gates.id ? { ...fact, body: { ...fact.body, requirements } } : fact,
    );
    expect(await codes({ ...told, ...(consistent === undefined ? {} : { facts: consistent }) })).toContain(
      "sign-off-invalid",
    );
  });

  it("gates that are said to have passed", async () => {
    const { blocked } = recorded;
    const fact = factOf("blocked", blocked);
    const told = changed(fact, () => ({ ...fact, type: "gates", body: { ...fact.body, outcome: "passed" } }));
    expect((await findings({ facts: told })).map(({ sentence }) => sentence)).toEqual([
      "The gates, evaluated again, are 'blocked'; 'passed' was recorded.",
    ]);
  });

  it("evidence that is not what was frozen", async () => {
    const told = withDocument(factOf("freeze"), "bias.json", utf8("{}"));
    expect(await codes(told)).toContain("freeze-differs");
  });

  it("a gate report that says something else", async () => {
    const told = withDocument(factOf("gates"), "gate-report.json", utf8("{}"));
    expect(await codes(told)).toContain("gates-differ");
  });

  it("a summary that nobody could have been shown", async () => {
    const told = withDocument(factOf("gates"), "evidence-summary.json", utf8("{}"));
    const found = await codes(told);
    expect(found).toContain("gates-differ");
    expect(found).toContain("sign-off-invalid");
  });

  it("a rejection that is said to fall", async () => {
    const house = new House();
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora);
    await house.openStage(id);
    await house.sign(id, tom, "reject", { reason: "It learned from the test set.", unheard: true });
    const rejection = house.promotions.recordedSignOffs().at(-1)?.signOff.id ?? ("" as Sha256);
    const fallen = [{ signOff: rejection, why: "no longer holds the role" }];
    const told: Omit<Fact, "id" | "promotion" | "at"> = {
      type: "seat-reopened",
      summary: "Tom no longer holds the role.",
      body: { fallen },
      attachments: [],
    };
    const { stage } = house.promotions.stored(id);
    house.move(id, { invalidated: fallen, stage: stage && { ...stage, open: false } }, told);
    await house.openStage(id);
    await house.sign(id, dana);
    await house.sign(id, sam);
    await house.verify(id);
    await house.deploy(id);
    expect(house.promotions.stored(id).status).toBe("deployed");
    const { findings } = await verified(await packOf({ ...recorded, house }));
    expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toContainEqual(
      expect.stringMatching(/^life-cycle: .* cannot stand where it does: no seat of what was approved fell\.$/),
    );
  });

  it("a rejection that nobody signed", async () => {
    const told = changed(factOf("rejected", recorded.rejected), (fact) => ({
      ...fact,
      body: { by: [{ ...dana.identity }] },
    }));
    expect(await codes({ facts: told })).toEqual(["quorum-differs"]);
  });
});

describe("order and time", () => {
  it("a record of the history left out", async () => {
    const found = await findings({ facts: changed(factOf("verdict"), () => undefined) });
    expect(found[0]?.sentence).toMatch(/stands where .*\/\d+' belongs: a record is missing or out of order/);
  });

  it("two records of the history in the wrong order", async () => {
    const [freeze, gates] = [factOf("freeze"), factOf("gates")];
    const told = facts().map((fact) => (fact === freeze ? gates : fact === gates ? freeze : fact));
    expect(await codes({ facts: told })).toContain("life-cycle");
  });

  it("a deployment without a verdict", async () => {
    const verdict = factOf("verdict");
    const told = changed(verdict, (fact) => ({ ...fact, type: "held", body: {}, attachments: [] }));
    expect((await findings({ facts: told }))[0]?.sentence).toContain("there is no verdict that allows it");
  });

  it("a deployment to another endpoint", async () => {
    const told = changed(factOf("deployment-started"), (fact) => ({
      ...fact,
      body: { ...fact.body, endpoint: "other" },
    }));
    expect(await codes({ facts: told })).toEqual(["deployment-unapproved"]);
  });

  it("a deployment that rests on another verdict", async () => {
    const told = changed(factOf("deployment-started"), (fact) => ({
      ...fact,
      body: { ...fact.body, verdict: sha256Hex(utf8("x")) },
    }));
    expect(await codes({ facts: told })).toEqual(["deployment-unapproved"]);
  });

  it("a deployment long after its verdict", async () => {
    const told = changed(factOf("deployment-started"), (fact) => ({ ...fact, at: addSeconds(fact.at, 7200) }));
    expect(await codes({ facts: told })).toContain("deployment-unapproved");
  });

  it("a deployment of which nobody kept what the target said", async () => {
    const told = changed(factOf("deployed"), (fact) => ({ ...fact, attachments: [] }));
    expect((await findings({ facts: told })).map(({ sentence }) => sentence)).toEqual([
      "It is recorded as deployed, and what the target said then was not kept.",
    ]);
  });

  it("a passport for a target to which the service deploys itself", async () => {
    const { at, body } = factOf("deployment-started");
    const issued: Fact = {
      id: `${recorded.deployed}/passport-issued/1`,
      type: "passport-issued",
      at,
      promotion: recorded.deployed,
      summary: "The pipeline was given passport 1 for 'vault'.",
      body: {
        passport: `${recorded.deployed}.1`,
        audience: "vault",
        verdict: body["verdict"] ?? "",
        expiresAt: passportEnd(at),
      },
      attachments: [],
    };
    expect((await findings({ facts: [...facts(), issued] })).map(({ sentence }) => sentence)).toEqual([
      "A passport was issued for a target to which no pipeline deploys.",
    ]);
  });

  it("a stage with more time than its rule has", async () => {
    const told = changed(factOf("stage-opened"), (fact) => ({
      ...fact,
      body: { ...fact.body, deadline: "2099-01-01T00:00:00.000Z" },
    }));
    expect(await codes({ facts: told })).toEqual(["order"]);
  });

  it("a sign-off after its stage was over", async () => {
    const signOff = factOf("sign-off");
    const told = changed(factOf("stage-opened"), (fact) => ({
      ...fact,
      body: { ...fact.body, deadline: addSeconds(signOff.at, -30) },
    }));
    expect((await findings({ facts: told })).map(({ sentence }) => sentence).join(" ")).toContain(
      "A sign-off was recorded after its stage was over",
    );
  });

  it("no stage, however late it was decided, whose sign-offs came in time", async () => {
    const house = new House();
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora);
    const signedAt = house.facts.find(({ type }) => type === "sign-off")?.at as Instant;
    const told = (deadline: Instant) =>
      house.facts.map((fact) => {
        if (fact.type === "stage-opened") return { ...fact, body: { ...fact.body, deadline } };
        return fact.type === "stage-decided" ? { ...fact, at: addSeconds(signedAt, 86_400) } : fact;
      });
    const result = async (deadline: Instant) =>
      (await verified(await packOf({ ...recorded, house }, { facts: told(deadline) }))).findings.map(
        ({ sentence }) => sentence,
      );
    const less = "The stage 'compliance' was given less time than its rule has.";
    expect(await result(addSeconds(signedAt, 1))).toEqual([less]);
    expect((await result(addSeconds(signedAt, -120))).join()).toContain("recorded after its stage was over");
  });

  it("an end before its time was over", async () => {
    const house = new House();
    const id = await house.submit("candidate", "2.0.0");
    await house.freezeAndJudge(id);
    await house.openStage(id);
    house.pass(10 * 86_400);
    await house.expire(id);
    const at = (seconds: number) =>
      house.facts.map((fact) => (fact.type === "expired" ? { ...fact, at: addSeconds(fact.at, seconds) } : fact));
    const sentences = async (seconds: number) =>
      (
        await verified(await packOf({ ...recorded, house }, { facts: at(seconds), goesOn: 0 }), {
          now: addSeconds(house.clock, 60),
        })
      ).findings.map(({ sentence }) => sentence);
    expect(await sentences(-600)).toEqual([]);
    expect(await sentences(-86_400)).toEqual([
      expect.stringMatching(/^It is recorded as expired, and had time until /),
    ]);
  });

  it("a verdict that says something else than the records", async () => {
    const told = changed(factOf("verdict"), (fact) => ({ ...fact, at: addSeconds(fact.at, 1) }));
    expect(await codes({ facts: told })).toEqual(["verdict-differs"]);
  });

  it("a request for another candidate than the promotion's id is made of", async () => {
    const told = changed(factOf("request"), (fact) => ({
      ...fact,
      body: { ...fact.body, freezeDigest: sha256Hex(utf8("x")) },
    }));
    expect(await codes({ facts: told })).toEqual(expect.arrayContaining(["freeze-differs", "life-cycle"]));
  });
});
