import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import {
  recheckConditionsKept,
  recheckDeploymentEnd,
  tellsOfTarget,
} from "../../../../core/archive/promotion/verify-deployment.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Fact, FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { SignOff } from "../../../../core/promotion/sign-off.ts";
import {
  cora,
  dana,
  digestOf,
  id,
  manifest,
  now,
  promotionInReview,
  requirements,
} from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";

const kept = { name: "deployment.json", mediaType: "application/json", sha256: digestOf("said") };
const record = (type: FactType, over: Partial<LedgerRecord> = {}): LedgerRecord => ({
  ...{ recordVersion: 1, id: `${id}/9`, type, at: now, promotion: id, summary: "", body: {}, attachments: [] },
  ...over,
});
const remedied = (remedy: string) =>
  record("remedy", { body: { remedy, because: "drift", state: "done" }, attachments: [kept] });
const ended = (told: LedgerRecord, said: string | undefined) =>
  recheckDeploymentEnd(told, async () =>
    said === undefined
      ? undefined
      : utf8(said.replace(/^\{"progress":("[^"]*")\}$/, `{"progress":$1,"readAt":"${now}"}`)),
  );
const step = (over: Partial<Step>): Step => ({
  ...{ index: 9, record: record("deployed"), before: promotionInReview(), after: promotionInReview() },
  requirements: requirements.document,
  ...over,
});

describe("what the target said at a deployment's end", () => {
  it.each([
    ["deployed", "serving"],
    ["rolled-back", "returned"],
    ["failed", "displaced"],
    ["seat-reopened", "returned"],
  ] as const)("is kept with %s, and says '%s'", async (type, progress) => {
    const told = record(type, { attachments: [kept] });
    expect(await ended(told, `{"progress":"${progress}"}`)).toBeUndefined();
    expect(await ended(told, '{"progress":"under-way"}')).toBe(
      `It is recorded as ${type}, and what the target said then is 'under-way'.`,
    );
    expect(await ended(record(type), undefined)).toBe(
      `It is recorded as ${type}, and what the target said then was not kept.`,
    );
  });

  it("is that something else serves, or that it was taken out, where something was done about drift", async () => {
    expect(await ended(remedied("previous"), '{"progress":"serving"}')).toBeUndefined();
    expect(await ended(remedied("stop"), '{"progress":"returned"}')).toBeUndefined();
    expect(await ended(remedied("stop"), '{"progress":"serving"}')).toBe(
      "It is recorded as remedy, and what the target said then is 'serving'.",
    );
  });

  it("may be anything where a roll-back begins", async () => {
    expect(await ended(record("rollback", { attachments: [kept] }), '{"progress":"anything"}')).toBeUndefined();
  });

  it("is of the moment of its record, where it says of which", async () => {
    const told = record("deployed", { attachments: [kept] });
    expect(await ended(told, JSON.stringify({ progress: "serving", readAt: now }))).toBeUndefined();
    const other = addSeconds(now, 1);
    expect(await ended(told, JSON.stringify({ progress: "serving", readAt: other }))).toBe(
      `It is recorded at ${now}, and brings what the target said at ${other}.`,
    );
  });

  it("has a form", async () => {
    for (const strange of ["{}", "[]", '{"progress":7}'])
      expect(await ended(record("deployed", { attachments: [kept] }), strange)).toBe(
        "deployment.json is not of the form that is known here.",
      );
    const untimed = recheckDeploymentEnd(record("deployed", { attachments: [kept] }), async () =>
      utf8('{"progress":"serving"}'),
    );
    expect(await untimed).toBe("deployment.json is not of the form that is known here.");
  });

  it("has one spelling, in which nothing is said twice", async () => {
    const told = record("deployed", { attachments: [kept] });
    for (const said of ["no JSON", `{"progress":"returned","progress":"serving","readAt":"${now}"}`])
      expect(await refused(ended(told, said))).toMatchObject({
        code: "pack-invalid",
        sentence: expect.stringMatching(/^deployment\.json is not JSON that can be taken/),
      });
    expect(await refused(ended(told, `{ "progress":"serving","readAt":"${now}"}`))).toEqual({
      code: "pack-invalid",
      sentence: "deployment.json is not written in canonical JSON.",
    });
  });

  it("may be missing in the pack, which is said elsewhere", async () => {
    expect(await ended(record("deployed", { attachments: [kept] }), undefined)).toBeUndefined();
  });
});

describe("a record tells of the target", () => {
  const tells = (told: LedgerRecord, after = promotionInReview()) =>
    tellsOfTarget({ ...step({ after }), record: told });

  it("where it keeps what the target said, and where only the target can tell", () => {
    expect(tells(record("staged", { attachments: [kept] }))).toBe(true);
    for (const type of ["deployed", "rollback", "rolled-back"] as const) expect(tells(record(type))).toBe(true);
    for (const type of ["failed", "staged", "held"] as const) expect(tells(record(type))).toBe(false);
  });

  it("where seats fall open with a release that was taken back", () => {
    expect(tells(record("seat-reopened", { body: { breach: {}, fallen: [] } }))).toBe(true);
    expect(tells(record("seat-reopened", { body: { fallen: [] } }))).toBe(false);
  });

  it("of policies never: they have none", () => {
    const policies = { ...manifest, target: { kind: "policy", name: "policy", endpoint: "in-force" } as const };
    expect(tells(record("deployed"), promotionInReview({ manifest: policies }))).toBe(false);
  });
});

describe("what was approved under conditions", () => {
  const conditions = { forSeconds: 600, errorPercent: 1 };
  const release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } } as const;
  const said = { endpoint: "scoring", previous: null, verdict: digestOf("verdict"), release };
  const begun = (more: Fact["body"]): Fact => ({
    ...{ id: `${id}/8`, type: "deployment-started", at: now, promotion: id, summary: "", attachments: [] },
    body: { ...said, ...more },
  });
  const deploying = promotionInReview({ status: "deploying", history: [begun({ conditions })] });
  const early = "It is recorded as deployed before the 10m were over for which it was to be watched.";
  const deployedAfter = (seconds: number, before = deploying) =>
    recheckConditionsKept(step({ record: record("deployed", { at: addSeconds(now, seconds) }), before }), []);

  it("was watched for their time, but for what clocks may differ by", () => {
    expect(deployedAfter(595)).toBeUndefined();
    expect(deployedAfter(594)).toBe(early);
    expect(deployedAfter(0, promotionInReview({ history: [begun({})] }))).toBeUndefined();
    expect(deployedAfter(0, promotionInReview())).toBeUndefined();
    expect(recheckConditionsKept(step({ before: undefined }), [])).toBeUndefined();
    const again = promotionInReview({ history: [begun({}), begun({ conditions })] });
    expect(deployedAfter(594, again)).toBe(early);
  });

  it.each<[string, object, number]>([["its target watches it", { watchSeconds: 120 }, 120]])(
    "was released no sooner than %s",
    (_, over, seconds) => {
      const before = promotionInReview({ history: [begun({ release: { ...release, ...over } })] });
      expect(deployedAfter(seconds - 5, before)).toBeUndefined();
      expect(deployedAfter(seconds - 6, before)).toBe(
        `It is recorded as deployed before the ${seconds / 60}m were over for which it was to be watched.`,
      );
    },
  );

  it("is not asked of other records", () => {
    for (const type of ["rolled-back", "failed", "staged"] as const)
      expect(recheckConditionsKept(step({ record: record(type), before: deploying }), [])).toBeUndefined();
  });

  const signed = (by: typeof cora, over: Partial<SignOff> = {}): HeldSignOff => ({
    signOff: {
      ...{ id: digestOf(by.name), promotion: id, review: 1, stage: 0, result: "approve", reason: "" },
      ...{ roles: ["lead-data-scientist"], reviewer: by.identity, reviewerName: by.name, groups: [], recordedAt: now },
      ...over,
    },
    envelope: digestOf("envelope"),
    member: by,
    told: { predicate: null },
  });
  const judgedModel = { signOff: digestOf("Dana"), why: "judged the model before its release was taken back" };
  const takenBack = (body: LedgerRecord["body"], over: Partial<Step> = {}, held = [signed(dana)]) =>
    recheckConditionsKept(step({ record: record("seat-reopened", { body }), before: deploying, ...over }), held);
  const fallen = [judgedModel];

  it("is in review again under the same conditions, with what falls named", () => {
    expect(takenBack({ breach: conditions, fallen })).toBeUndefined();
    expect(takenBack({ breach: { ...conditions, errorPercent: 2 }, fallen })).toBe(
      "It is in review again for other conditions than it was released under.",
    );
    const bare = promotionInReview({ status: "deploying", history: [begun({})] });
    expect(takenBack({ breach: conditions, fallen }, { before: bare })).toBe(
      "It is in review again for other conditions than it was released under.",
    );
    const other = "It is in review again, and other approvals were said to fall than those that do.";
    expect(takenBack({ breach: conditions, fallen: [] })).toBe(other);
    expect(takenBack({ breach: conditions, fallen }, {}, [])).toBe(other);
    expect(takenBack({ breach: conditions, fallen }, {}, [signed(dana), signed(cora, { conditions })])).toBe(other);
  });

  it("has no approval fall that came later", () => {
    const later = signed(cora, { recordedAt: addSeconds(now, 1) });
    expect(takenBack({ breach: conditions, fallen }, {}, [signed(dana), later])).toBeUndefined();
  });

  it("is not asked where seats fell for another reason, or what was asked is not known", () => {
    expect(takenBack({ fallen: [] })).toBeUndefined();
    expect(takenBack({ breach: conditions, fallen: [] }, { requirements: undefined })).toBeUndefined();
    expect(takenBack({ breach: conditions, fallen: [] }, { before: undefined })).toBeUndefined();
  });
});
