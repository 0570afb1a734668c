import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../core/archive/pack/promotion-file.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { PastPromotion } from "../../../core/replay/past-promotion.ts";
import { told } from "../archive/told.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { bringing, inRecord, of, ofType, past } from "./told-past.ts";

const names = ({ decisions }: PastPromotion) => decisions.map(({ reviewerName }) => reviewerName);

describe("who signed a past promotion", () => {
  const records = of(told.deployed);
  const [cora, sam, emil] = ofType(records, "sign-off");

  it("is told as they signed, each in their seat", async () => {
    const { decisions, members } = await past(told.deployed);
    expect(decisions).toMatchObject([
      { reviewerName: "Cora", stage: 0, roles: ["compliance-officer"], result: "approve", reason: "", signIn: {} },
      { reviewerName: "Sam", stage: 1, roles: ["sre"], signIn: { passkey: { counter: 3 } } },
      {
        reviewerName: "Emil",
        stage: 1,
        roles: ["lead-data-scientist"],
        onBehalfOf: { person: { subject: "sub-dana" } },
      },
    ]);
    expect(decisions.map(({ at }) => at)).toEqual([cora, sam, emil].map((each) => each?.record.at));
    const [first, second] = decisions;
    expect(first).not.toHaveProperty("onBehalfOf");
    expect(first?.signIn).not.toHaveProperty("passkey");
    expect(second).not.toHaveProperty("onBehalfOf");
    expect(members).toMatchObject([
      { name: "Cora", address: "cora@example.com", groups: ["compliance-officers"], enabled: true },
      { name: "Sam", address: "sam@example.com", groups: ["sre"] },
      { name: "Emil", address: "emil@example.org", groups: ["visitors"] },
    ]);
    expect(members.map(({ identity }) => identity)).toEqual(decisions.map(({ reviewer }) => reviewer));
  });

  it("is known by the token's name and address, and by the directory's address where a verdict kept it", async () => {
    const token = (claims: object) => {
      const part = (value: object) => base64url(canonicalJsonBytes(value));
      return utf8(`${part({ alg: "RS256", kid: "k" })}.${part(claims)}.AAAA`);
    };
    const signed = cora === undefined ? [] : [cora];
    const named = async (bytes: Uint8Array | undefined, within: readonly PromotionRecord[] = records) => {
      const { members, decisions } = await past(told.deployed, within, bringing(signed, "id-token.jwt", bytes));
      return [decisions[0]?.reviewerName, members[0]?.name, members[0]?.address];
    };
    // As the directory told when the verdict was signed, whatever the token said.
    expect(await named(token({ name: "Cora K.", email: "c@example.net" }))).toEqual([
      "Cora K.",
      "Cora K.",
      "cora@example.com",
    ]);
    const open = records.filter(({ index }) => index <= (emil?.index ?? 0));
    expect(await named(token({ name: "Cora K.", email: "c@example.net" }), open)).toEqual([
      "Cora K.",
      "Cora K.",
      "c@example.net",
    ]);
    for (const bytes of [
      undefined,
      utf8("no token"),
      token({}),
      token({ name: "", email: 7 }),
      token({ name: 7, email: ["c@example.net"] }),
    ])
      expect(await named(bytes, open)).toEqual(["sub-cora", "sub-cora", ""]);
    const bare = inRecord(open, cora, ({ attachments }) => ({
      attachments: attachments.filter(({ name }) => name !== "id-token.jwt"),
    }));
    expect(await named(undefined, bare)).toEqual(["sub-cora", "sub-cora", ""]);
  });

  it("is what people.yaml told of them too, where a verdict kept it", async () => {
    const verdict = ofType(records, "verdict");
    const people = [
      {
        addresses: ["cora@example.org"],
        accounts: [{ provider: "github", id: "7" }],
        identities: [{ issuer: "https://login.example/pool", subject: "sub-cora" }],
        outside: false,
      },
    ];
    const snapshot = canonicalJsonBytes({ peopleVersion: 1, salt: "ab".repeat(16), members: [], people });
    const result = await past(told.deployed, records, bringing(verdict, "people.json", snapshot));
    expect(result.people).toEqual([{ name: "", ...people[0] }]);
    // What the directory does not tell, the token does.
    expect(result.members.map(({ address }) => address)).toEqual([
      "cora@example.com",
      "sam@example.com",
      "emil@example.org",
    ]);
  });

  it("counts by the latest that each said in a stage, and not at all where they took it back", async () => {
    const open = records.filter(({ index }) => index <= (cora?.index ?? 0));
    const again = (result: string, index: number): PromotionRecord[] =>
      cora === undefined
        ? []
        : [
            {
              index,
              record: {
                ...cora.record,
                id: `${told.deployed}/sign-off/${digestOf(`${result} ${index}`)}`,
                body: { ...cora.record.body, result },
              },
            },
          ];
    const said = async (...more: readonly PromotionRecord[]) =>
      (await past(told.deployed, [...open, ...more])).decisions.map(({ result }) => result);
    expect(await said()).toEqual(["approve"]);
    expect(await said(...again("reject", 300))).toEqual(["reject"]);
    expect(await said(...again("withdraw", 300))).toEqual([]);
    expect(await said(...again("withdraw", 300), ...again("approve", 301))).toEqual(["approve"]);
    // In another stage it is another decision.
    const elsewhere = again("reject", 300).map(({ index, record }) => ({
      index,
      record: { ...record, body: { ...record.body, stage: 1 } },
    }));
    expect(await said(...elsewhere)).toEqual(["approve", "reject"]);
  });

  it("is one person's word, with whichever of their accounts they said it", async () => {
    const second = { issuer: "https://login.example/pool", subject: "sub-cora-2" };
    const person = (identities: readonly { readonly issuer: string; readonly subject: string }[]) =>
      canonicalJsonBytes({
        ...{ peopleVersion: 1, salt: "ab".repeat(16), members: [] },
        people: [{ addresses: [], accounts: [], identities, outside: false }],
      });
    const index = 1 + (cora?.index ?? 0);
    const withdrawn = records.flatMap((each) =>
      each === cora
        ? [
            each,
            {
              index,
              record: {
                ...each.record,
                id: `${told.deployed}/sign-off/${digestOf("withdrawn")}`,
                body: { ...each.record.body, result: "withdraw", reviewer: second },
              },
            },
          ]
        : [each],
    );
    const signed = async (snapshot: Uint8Array) =>
      names(await past(told.deployed, withdrawn, bringing(ofType(records, "verdict"), "people.json", snapshot)));
    const first = { ...second, subject: "sub-cora" };
    expect(await signed(person([first]))).toEqual(["Cora", "Sam", "Emil"]);
    expect(await signed(person([first, second]))).toEqual(["Sam", "Emil"]);
  });

  it("stands in the order in which they last signed", async () => {
    const [first, second] = ofType(of(told.policies), "sign-off");
    if (first === undefined || second === undefined) throw new Error("Two people signed.");
    const open = of(told.policies).filter(({ index }) => index <= second.index);
    const again = { index: 300, record: { ...first.record, id: `${told.policies}/sign-off/${digestOf("again")}` } };
    expect(names(await past(told.policies, open))).toEqual(["Cora", "Dana"]);
    expect(names(await past(told.policies, [...open, again]))).toEqual(["Dana", "Cora"]);
  });
});

describe("sign-offs that were kept", () => {
  const before = of(told.kept);

  it("of an earlier candidate count with those who gave them", async () => {
    const result = await past(told.kept);
    expect(result.decisions).toMatchObject([
      { reviewerName: "Cora", stage: 0, roles: ["compliance-officer"] },
      { reviewerName: "Dana", stage: 1, roles: ["lead-data-scientist"] },
      { reviewerName: "Sam", stage: 1, roles: ["sre"] },
    ]);
    // Sam's first one fell with its passkey.
    expect(ofType(before, "sign-off")).toHaveLength(2);
    expect(result.decisions[2]?.at).toBe(ofType(before, "sign-off")[1]?.record.at);
  });

  it("count in the place in which they were kept", async () => {
    const [kept] = ofType(before, "sign-off-kept");
    const moved = inRecord(before, kept, ({ body }) => ({ body: { ...body, stage: 7, review: 9, roles: ["other"] } }));
    expect((await past(told.kept, moved)).decisions[0]).toMatchObject({ stage: 0, roles: ["compliance-officer"] });
  });

  it("count nowhere where the promotion does not say that it keeps them", async () => {
    const [kept] = ofType(before, "sign-off-kept");
    const other = inRecord(before, kept, ({ body }) => ({ body: { ...body, signOff: "a".repeat(64) as Sha256 } }));
    expect(names(await past(told.kept, other))).toEqual(["Dana", "Sam"]);
  });

  it("count no more once they fell", async () => {
    const reopened = ofType(before, "seat-reopened")[0]?.index ?? 0;
    const open = before.filter(({ index }) => index <= reopened);
    expect(ofType(open, "sign-off")).toHaveLength(1);
    expect(names(await past(told.kept, open))).toEqual(["Cora", "Dana"]);
  });

  it("of an earlier review count in the last one alone where they were kept for it", async () => {
    const reopened = of(told.reopened);
    const dana = ofType(reopened, "sign-off")[2];
    const earlier = inRecord(reopened, dana, ({ body }) => ({ body: { ...body, review: 1 } }));
    expect(names(await past(told.reopened, earlier))).toEqual(["Cora", "Sam"]);
  });

  it("of an earlier review count in the last one, and what was not kept does not", async () => {
    const reopened = of(told.reopened);
    const given = ofType(reopened, "sign-off");
    expect(given.map(({ record }) => record.body["review"])).toEqual([1, 1, 2, 2]);
    const { decisions, end } = await past(told.reopened);
    expect(end.review).toBe(2);
    expect(decisions.map(({ at }) => at)).toEqual([given[0], given[2], given[3]].map((each) => each?.record.at));
    expect(decisions[0]).toMatchObject({ reviewerName: "Cora", stage: 0, roles: ["compliance-officer"] });
  });
});
