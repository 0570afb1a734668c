import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { type Confirmation, verifyConfirmed } from "../../../../core/archive/policies/verify-confirmed.ts";
import { noPoliciesKnown } from "../../../../core/archive/policies/verify-policies.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { cora } from "../house.ts";
import { recordsOf, told } from "../told.ts";

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const known = noPoliciesKnown();
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const [first = expect.unreachable()] = activations;
const confirmed = (...groups: readonly string[]): Confirmation => ({
  index: 9,
  recorded: { person: cora.identity, groups, recordedAt: now },
});
const verify = (by: Confirmation, of: readonly PromotionRecord[] = [first], seconds = 86_400) =>
  verifyConfirmed(of, [by], read, { goesTo: addSeconds(now, seconds), known });
const nothing = { problems: [], unchecked: [] };

describe("whoever confirms a passkey", () => {
  it("holds a role of the policies in force then, whichever", async () => {
    expect(await verify(confirmed("compliance-officers"))).toEqual(nothing);
    expect(await verify(confirmed("visitors", "sre"))).toEqual(nothing);
  });

  it("is found where they hold none", async () => {
    const sentence = "The passkey was confirmed by somebody who held no role of the policies that were in force then.";
    const problems = [{ index: 9, code: "passkey-invalid", sentence }];
    expect(await verify(confirmed("visitors"))).toEqual({ ...nothing, problems });
    expect(await verify(confirmed())).toEqual({ ...nothing, problems });
    expect(await verify(confirmed(), [first], 905)).toEqual({ ...nothing, problems });
  });

  it("may hold one by policies whose record is on its way to the log", async () => {
    const sentence =
      "Whether whoever confirmed the passkey of records/9.json held a role: none by the policies that the log tells of, and a change of them may have been on its way to it.";
    expect(await verify(confirmed("visitors"), [first], 904)).toEqual({ ...nothing, unchecked: [{ sentence }] });
  });

  it("is said to be told by nobody where no policies are known, if somebody confirmed one", async () => {
    const sentence =
      "Whether whoever confirmed passkeys held a role then: which policies were in force is not told here.";
    expect(await verify(confirmed("visitors"), [])).toEqual({ ...nothing, unchecked: [{ sentence }] });
    expect(await verifyConfirmed([], [], read, { goesTo: now, known })).toEqual(nothing);
  });

  it("is held against no policies that nobody can read, which is said where they were put in force", async () => {
    const body = { ...first.record.body, policy: digestOf("strange") };
    expect(await verify(confirmed("visitors"), [{ ...first, record: { ...first.record, body } }])).toEqual(nothing);
  });
});
