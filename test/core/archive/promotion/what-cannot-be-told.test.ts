import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { whatCannotBeTold } from "../../../../core/archive/promotion/what-cannot-be-told.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import { digestOf, id, manifest, now, promotionInReview, requirements } from "../../promotion/promotion-in-review.ts";

const record = (type: FactType, over: Partial<LedgerRecord> = {}): PromotionRecord => ({
  index: 3,
  record: {
    ...{ recordVersion: 1, id: `${id}/9`, type, at: now, promotion: id, summary: "", body: {}, attachments: [] },
    ...over,
  },
});
const rule = (excludes: readonly string[]): readonly Step[] => [
  {
    ...record("gates"),
    before: undefined,
    after: promotionInReview(),
    requirements: {
      ...requirements.document,
      rule: { ...requirements.document.rule, excludes: excludes as typeof requirements.document.rule.excludes },
    },
  },
];
/** Whether the directory's word lies with the verdict, and people.yaml in the policies. */
const [people, policies] = [
  { kept: true, policies: false },
  { kept: false, policies: true },
];

interface Told {
  readonly records?: readonly PromotionRecord[];
  readonly end?: Partial<Promotion>;
  readonly steps?: readonly Step[];
  readonly people?: typeof people;
  readonly leftOut?: readonly string[];
}

function sentences({ records = [], end = {}, steps = rule([]), people: told, leftOut = [] }: Told): readonly string[] {
  const input = { promotion: id, records, leftOut: new Set(leftOut.map(digestOf)) };
  const unchecked = whatCannotBeTold(input, promotionInReview(end), steps, told ?? { kept: false, policies: false });
  for (const { promotion } of unchecked) expect(promotion).toBe(id);
  return unchecked.map(({ sentence }) => sentence);
}

const signed = [record("sign-off")];
const byTokens =
  "Who held which role is told by the groups in the ID tokens alone: what the directory told is not here.";
const unlinked =
  "Authors who are named by an account at a code host are not linked to people: people.yaml is not here.";
const account = { account: { provider: "github", id: "7" } } as const;
const authored = (of: "trainedBy" | "codeAuthors" | "dataOwners" | "infrastructureAuthors") => ({
  manifest: { ...manifest, lineage: { ...manifest.lineage, trainedBy: [], codeAuthors: [], [of]: [account] } },
});

describe("what offline verification cannot tell of a promotion", () => {
  it("is who proposed policies, which excludes them from signing", () => {
    const target = { name: "policies", kind: "policy", endpoint: "in-force" } as const;
    const end = { manifest: { ...manifest, target } };
    const proposed =
      "Who proposed these policies, and may not sign for them, is told by their record alone, and so is what their check found: nobody signs a proposal.";
    expect(sentences({ records: signed, end, people })).toEqual([proposed]);
    expect(sentences({ end })).toEqual([]);
  });

  it("is nothing where nobody signed and nothing was left out", () => {
    expect(sentences({})).toEqual([]);
    expect(sentences({ steps: [] })).toEqual([]);
  });

  it("is who held which role, where the directory's word was not kept", () => {
    expect(sentences({ records: signed })).toEqual([byTokens]);
    expect(sentences({ records: signed, people })).toEqual([]);
    const tokens = record("sign-off", {
      attachments: [{ name: "id-token.jwt", sha256: digestOf("token"), mediaType: "application/jwt" }],
    });
    expect(sentences({ records: [tokens], leftOut: ["token"] })).toEqual([
      "Who held which role is told by the records alone: neither the ID tokens are here, nor what the directory told.",
      "Left out, so what they prove was not checked: id-token.jwt.",
    ]);
    expect(sentences({ records: [record("verdict")] })).toEqual([]);
  });

  it.each(["trainedBy", "codeAuthors", "dataOwners", "infrastructureAuthors"] as const)(
    "is who an account among those of %s belongs to, where duties are separated",
    (of) => {
      const told = { records: signed, end: authored(of), steps: rule(["requester"]) };
      expect(sentences(told)).toEqual([byTokens, unlinked]);
      expect(sentences({ ...told, steps: rule([]) })).toEqual([byTokens]);
      expect(sentences({ ...told, people })).toEqual([]);
      expect(sentences({ ...told, people: policies })).toEqual([byTokens]);
      expect(sentences({ ...told, records: [] })).toEqual([]);
    },
  );

  it("is whose account started the run, but not where authors are named by addresses", () => {
    const steps = rule(["requester"]);
    expect(sentences({ records: signed, end: { startedBy: account }, steps })).toEqual([byTokens, unlinked]);
    expect(sentences({ records: signed, end: { startedBy: { address: "a@example.org" } }, steps })).toEqual([byTokens]);
  });

  it("is who started the run, where that person may not approve", () => {
    const steps = rule(["started-the-run"]);
    expect(sentences({ steps })).toEqual([
      "Who started the CI run is not recorded, so whether that person also approved cannot be told.",
    ]);
    expect(sentences({ steps, end: { startedBy: { address: "a@example.org" } } })).toEqual([
      "Who started the CI run, and may not approve, is told by the request alone: CI's token is not kept.",
    ]);
    expect(sentences({ steps: rule(["requester"]) })).toEqual([]);
  });

  it("is whether what ended by the service's word alone had been rejected", () => {
    const sentence =
      "Whether somebody had rejected it before it was withdrawn, blocked or failed, as its records say: a rejection that was left out leaves no gap.";
    const [step] = rule([]);
    const opened = [{ ...step, record: record("stage-opened").record }] as readonly Step[];
    for (const status of ["withdrawn", "blocked", "failed"] as const) {
      expect(sentences({ end: { status }, steps: opened })).toEqual([sentence]);
      expect(sentences({ end: { status }, steps: [] })).toEqual([]);
    }
    for (const status of ["rejected", "superseded", "deployed"] as const)
      expect(sentences({ end: { status }, steps: opened })).toEqual([]);
  });

  it("is who somebody was who confirmed a passkey", () => {
    expect(sentences({ records: [record("sign-off", { body: { passkey: { id: "k" } } })], people })).toEqual([
      "Whether whoever confirmed a passkey held a role then, and is nobody's second identity, is told by the ID tokens alone.",
    ]);
  });

  it("is what documents prove that were left out, each named once", () => {
    const attachment = (name: string, of = name) => ({ name, mediaType: "text/plain", sha256: digestOf(of) });
    const records = [
      record("sign-off-kept", { attachments: [attachment("id-token.jwt"), attachment("jwks.json")] }),
      record("verdict", { attachments: [attachment("people.json"), attachment("id-token.jwt")] }),
    ];
    const left = (...leftOut: readonly string[]) => sentences({ records, leftOut });
    expect(left("id-token.jwt", "people.json")).toEqual([
      "Left out, so what they prove was not checked: id-token.jwt, people.json.",
    ]);
    expect(left()).toEqual([]);
  });
});
