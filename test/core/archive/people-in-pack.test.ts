import { describe, expect, it } from "vitest";
import type { PeopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { loadPolicies } from "../../../core/policy/load-policies.ts";
import { type PolicyDocument, policyDocuments, readBundle } from "../../../core/policy/policy-bundle.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { factOf, type Retold } from "./retelling.ts";
import { resultOf, told } from "./told.ts";

// people.yaml is in the policies that judged, as people signed for it; people.json is what the service says of it.

const { facts, blobs } = told.house;
const bytesOf = (sha256: Sha256) => blobs.get(sha256) ?? new Uint8Array();
const named = ({ attachments }: Fact, name: string) => attachments.find((each) => each.name === name)?.sha256 as Sha256;
const names = ["policies.json", "people.yaml", "channels.yaml"];
const entry = (address: string, ...others: readonly string[]) =>
  `\n  - name: One Person\n    address: ${address}\n    otherAddresses: [${others.join(", ")}]\n`;

/** A record's policies, or those of the last gates, with more in people.yaml. */
function policiesOf(fact: Fact, more: string): readonly PolicyDocument[] {
  const gates = facts.findLast(({ type, promotion }) => type === "gates" && promotion === fact.promotion);
  const brought = fact.type === "gates" || gates === undefined ? fact : gates;
  const bundle = readBundle(names.map((name) => bytesOf(named(brought, name))));
  const texts = { ...bundle.texts, "people.yaml": `${bundle.texts["people.yaml"]}${more}` };
  return policyDocuments({ ...bundle, texts });
}

/** A record that names these policies, and the documents with them. */
function naming(fact: Fact, brought: readonly PolicyDocument[], documents: Map<Sha256, Uint8Array>): Fact {
  const policies = brought.map(({ name, mediaType, bytes }) => {
    const sha256 = sha256Hex(bytes);
    documents.set(sha256, bytes);
    return { name, mediaType, sha256 };
  });
  const [policy] = policies;
  const others = fact.attachments.filter(({ name }) => !names.includes(name));
  const body = policy === undefined ? fact.body : { ...fact.body, policy: policy.sha256 };
  return { ...fact, body, attachments: [...others, ...policies] };
}

/** As if it named no policies. */
function nameless(fact: Fact): Fact {
  const { policy: _, ...body } = fact.body;
  return { ...fact, body, attachments: fact.attachments.filter(({ name }) => !names.includes(name)) };
}

/** A promotion as it was recorded, but for what its gates name as the policies that judged, and its verdict, if it does. */
function judgedBy(promotion: PromotionId, more: { readonly gates?: string; readonly verdict?: string }): Retold {
  const documents = new Map(blobs);
  const retold = facts.map((fact) => {
    if (fact.promotion !== promotion || (fact.type !== "gates" && fact.type !== "verdict")) return fact;
    const text = more[fact.type];
    if (text === undefined) return fact.type === "gates" ? fact : nameless(fact);
    return naming(fact, policiesOf(fact, text), documents);
  });
  return { facts: retold, blobs: documents };
}

const said = async (promotion: PromotionId, retold: Retold) =>
  (await resultOf(promotion, retold)).findings.map(({ code, sentence }) => `${code}: ${sentence}`);
const namesNone = "policy-differs: The verdict does not name the policies that judged.";
const leavesOut =
  "quorum-differs: people.json leaves out what people.yaml of the policies that judged says of somebody who signed, or made the candidate.";

describe("people.yaml of the policies that judged", () => {
  it("may say nothing about those who signed", async () => {
    const nobody = entry("nobody@example.com", "nobody@home.example");
    for (const promotion of [told.deployed, told.lent, told.ratified, told.reopened])
      expect(await said(promotion, judgedBy(promotion, { gates: nobody, verdict: nobody }))).toEqual([]);
  });

  it("lets one person fill one seat, whatever the service says of it", async () => {
    const one = entry("cora@example.com", "sam@example.com");
    const sentences = [
      "quorum-differs: The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of sre.",
      "quorum-differs: The verdict is PASSED, but nobody fills the seat of sre.",
    ];
    expect(await said(told.deployed, judgedBy(told.deployed, { gates: one }))).toEqual([namesNone, ...sentences]);
    expect(await said(told.deployed, judgedBy(told.deployed, { gates: one, verdict: one }))).toEqual([
      leavesOut,
      ...sentences,
    ]);
  });

  it("may have changed between the gates and the verdict, which says by which it was judged", async () => {
    const one = entry("cora@example.com", "sam@example.com");
    expect(await said(told.deployed, judgedBy(told.deployed, { gates: one, verdict: "" }))).toEqual([]);
    expect(await said(told.deployed, judgedBy(told.deployed, { gates: "", verdict: one }))).toEqual([
      leavesOut,
      "quorum-differs: The verdict is PASSED, but nobody fills the seat of sre.",
    ]);
  });

  it("lets nobody make a candidate and approve it in another's place", async () => {
    // Emil signed in Dana's place, and Tom trained the model.
    const one = entry("dana@example.com", "tom@example.com");
    expect(await said(told.deployed, judgedBy(told.deployed, { gates: one }))).toEqual([
      namesNone,
      "quorum-differs: The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of lead-data-scientist.",
      "quorum-differs: The verdict is PASSED, but nobody fills the seat of lead-data-scientist.",
    ]);
  });

  it("knows by which account whoever had a hand in a candidate goes, or it is nobody's word that they approved nothing", async () => {
    const startedBy = { account: { provider: "github", id: "99999" } };
    const started = (promotion: PromotionId, text?: string) => {
      const retold = judgedBy(promotion, text === undefined ? {} : { gates: text, verdict: text });
      const of = (text === undefined ? facts : (retold.facts ?? [])).map((fact) =>
        fact.promotion === promotion && fact.type === "request" ? { ...fact, body: { ...fact.body, startedBy } } : fact,
      );
      return said(promotion, { ...retold, facts: of });
    };
    const unknown = expect.stringMatching(
      /^quorum-differs: The verdict is PASSED\. The github account 99999 had a hand in the candidate, but matches nobody/,
    );
    expect(await started(told.deployed)).toEqual([unknown]);
    expect(await started(told.ratified)).toEqual([unknown, unknown]);
    const outside = "  - name: X\n    accounts: { github: 99999 }\n    outside: true\n";
    expect(await started(told.deployed, outside)).not.toContainEqual(unknown);
  });

  it("lets nobody lend alone", async () => {
    const one = entry("ida@example.org", "olaf@example.org");
    expect(await said(told.lent, judgedBy(told.lent, { gates: one }))).toEqual([
      namesNone,
      "loan-invalid: The loan should not have been given: A loan takes two people: somebody else must confirm it.",
      "loan-invalid: The loan should not have been given: A loan takes two people: somebody else must confirm it.",
    ]);
  });

  it("is in the pack, and is that which the verdict names", async () => {
    const retold = judgedBy(told.deployed, { verdict: "" });
    const verdict = factOf(told.house, "verdict", told.deployed);
    const saying = (change: (fact: Fact) => Fact) =>
      said(told.deployed, {
        ...retold,
        facts: (retold.facts ?? []).map((fact) => (fact.id === verdict.id ? change(fact) : fact)),
      });
    expect(await saying((fact) => fact)).toEqual([]);
    const other = "policy-differs: The record names other policies than it brings.";
    expect(await saying((fact) => ({ ...fact, body: { ...fact.body, policy: "0".repeat(64) } }))).toEqual([other]);
    expect(await saying((fact) => ({ ...fact, attachments: nameless(fact).attachments }))).toEqual([other]);
    expect(await saying(nameless)).toEqual([namesNone]);
    const documents = new Map(blobs);
    const strange = facts.map((fact) =>
      fact === verdict
        ? naming(fact, [{ name: "policies.json", mediaType: "application/json", bytes: utf8("{") }], documents)
        : fact,
    );
    expect(await said(told.deployed, { facts: strange, blobs: documents })).toContain(
      "policy-differs: The policies are not JSON.",
    );
  });
});

describe("what a verdict keeps of people.yaml", () => {
  const verdict = factOf(told.house, "verdict", told.deployed);
  const snapshot = JSON.parse(fromUtf8(bytesOf(named(verdict, "people.json")))) as PeopleSnapshot;
  const keeping = (people: PeopleSnapshot["people"]) => {
    const retold = judgedBy(told.deployed, { verdict: entry("cora@example.com", "cora@home.example") });
    const bytes = canonicalJsonBytes({ ...snapshot, people } as never);
    const attachments = (fact: Fact) =>
      fact.attachments.map((each) => (each.name === "people.json" ? { ...each, sha256: sha256Hex(bytes) } : each));
    return said(told.deployed, {
      facts: (retold.facts ?? []).map((fact) =>
        fact.id === verdict.id ? { ...fact, attachments: attachments(fact) } : fact,
      ),
      blobs: new Map(retold.blobs).set(sha256Hex(bytes), bytes),
    });
  };

  it("is all that is about those who signed and the authors, and nothing else", async () => {
    const of = (...addresses: readonly string[]) => ({ addresses, accounts: [], identities: [], outside: false });
    const own = of("cora@example.com", "cora@home.example");
    expect(await keeping([...snapshot.people, own])).toEqual([]);
    expect(await keeping(snapshot.people)).toEqual([leavesOut]);
    expect(await keeping([...snapshot.people, own, of("dana@example.com")])).toEqual([
      "quorum-differs: people.json says of people what people.yaml of the policies that judged does not.",
    ]);
  });

  it("is about those who lent where the verdict is their loan's, and in no other", async () => {
    const { issuer, subject } = factOf(told.house, "loan-requested", told.ratified).body["lender"] as {
      [name: string]: Json;
    };
    const ida = `\n  - name: Ida\n    identities: [{ issuer: "${issuer}", subject: "${subject}" }]\n`;
    const [ofLoan] = facts.filter(({ type, promotion }) => type === "verdict" && promotion === told.ratified);
    const { findings } = await resultOf(told.ratified, judgedBy(told.ratified, { gates: ida, verdict: ida }));
    expect(findings).toMatchObject([{ code: "quorum-differs", path: `records/${facts.indexOf(ofLoan as Fact)}.json` }]);
    expect(findings[0]?.sentence).toBe(leavesOut.replace("quorum-differs: ", ""));
  });

  it("is there", async () => {
    const attachments = verdict.attachments.filter(({ name }) => name !== "people.json");
    const without = facts.map((fact) => (fact === verdict ? { ...fact, attachments } : fact));
    expect(await said(told.deployed, { facts: without })).toEqual([
      "document-missing: The verdict is PASSED, and does not bring what was told of people then.",
    ]);
  });
});

it("a service that judges as if an entry of people.yaml were not there is found out", async () => {
  const { bundle } = shipped;
  const more = entry("cora@example.com", "sam@example.com");
  const texts = { ...bundle.texts, "people.yaml": `${bundle.texts["people.yaml"]}${more}` };
  const house = new House(undefined, { ...loadPolicies({ ...bundle, texts }), people: shipped.people });
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  expect(await house.verify(id)).toBe("passed");
  const { holds, findings } = await verified(await packOf({ house }));
  expect(holds).toBe(false);
  expect(findings.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
    leavesOut,
    "quorum-differs: The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of sre.",
    "quorum-differs: The verdict is PASSED, but nobody fills the seat of sre.",
  ]);
});
