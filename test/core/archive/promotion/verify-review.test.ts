import { describe, expect, it } from "vitest";
import { peopleAsSigned } from "../../../../core/archive/people/people-then.ts";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import { isOfLoan, recheckReview } from "../../../../core/archive/promotion/verify-review.ts";
import { recheckTimes } from "../../../../core/archive/promotion/verify-times.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../../core/encoding/sha256.ts";
import type { Member } from "../../../../core/promotion/identity.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../../core/promotion/sign-off.ts";
import { cora, dana, sam } from "../people.ts";
import { peopleIn, reviewOf, type ToldReview, told } from "../told.ts";
import { by, deployed, kept, ratified, reopened } from "../told-review.ts";
import { knowing, momentOf, sayingIn, stepOf } from "../told-steps.ts";

const rejected = await reviewOf(told.rejected);

const sentences = (review: ToldReview, over: Partial<ToldReview> = {}) => {
  const these = { ...review, ...over };
  return recheckReview(these.steps, these.held, { people: peopleIn(these), passkeys: these.passkeys }).map(
    ({ sentence }) => sentence,
  );
};
const without = (held: readonly HeldSignOff[], ...people: readonly Member[]) =>
  held.filter(({ signOff }) => !people.some(({ identity }) => identity.subject === signOff.reviewer.subject));

it("what was recorded follows from what was signed", () => {
  for (const review of [deployed, rejected, ratified, kept, reopened]) {
    expect(sentences(review)).toEqual([]);
    expect(recheckTimes(review.steps, review.held)).toEqual([]);
  }
});

describe("a stage that was recorded as decided", () => {
  it("is not, where nobody signed: each seat that is missing is named, at the record that says so", () => {
    const { steps, passkeys } = deployed;
    const people = peopleIn({ ...deployed, kept: undefined });
    const problems = recheckReview(steps, [], { people, passkeys });
    const decided = steps.filter(({ record }) => record.type === "stage-decided");
    expect(problems.slice(0, 2)).toEqual([
      {
        code: "quorum-differs",
        index: decided[0]?.index,
        sentence:
          "The stage 'compliance' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of compliance-officer.",
      },
      {
        code: "quorum-differs",
        index: decided[1]?.index,
        sentence:
          "The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of lead-data-scientist and sre.",
      },
    ]);
  });

  it("is not, where whoever signed said no", () => {
    expect(sentences(deployed, { held: by(deployed.held, cora, { result: "reject" }) })[0]).toBe(
      "The stage 'compliance' was recorded as decided, but its sign-offs do not decide it: they come to a rejection.",
    );
  });

  it("has the seats that its sign-offs fill, and no others", () => {
    const seats = [{ role: "compliance-officer", person: { ...dana.identity }, signOff: "0".repeat(64) }];
    expect(sentences(deployed, { steps: sayingIn(deployed.steps, "stage-decided", { seats }) })).toEqual([
      "The stage 'compliance' was recorded as decided with other seats than its sign-offs fill.",
    ]);
  });

  it("counts what was signed in the seconds around it, either way", () => {
    const at = momentOf(deployed.steps, "stage-decided");
    const signed = (seconds: number, change: Partial<SignOff> = {}) =>
      sentences(deployed, { held: by(deployed.held, cora, { recordedAt: addSeconds(at, seconds), ...change }) });
    expect(signed(5)).toEqual([]);
    expect(signed(6)[0]).toMatch(/^The stage 'compliance' .* nobody fills the seat of compliance-officer\.$/);
    const first = deployed.held.find(({ signOff }) => signOff.reviewer.subject === cora.identity.subject);
    if (first === undefined) throw new Error("Cora did not sign.");
    const second = (seconds: number): HeldSignOff => ({
      ...first,
      signOff: {
        ...first.signOff,
        id: "1".repeat(64) as SignOff["id"],
        result: "reject",
        recordedAt: addSeconds(at, seconds),
      },
    });
    // Not seen by whoever decided, perhaps; surely seen; surely not yet there.
    expect(sentences(deployed, { held: [...deployed.held, second(-1)] })[0]).not.toMatch(/^The stage 'compliance'/);
    const early = by(deployed.held, cora, { recordedAt: addSeconds(at, -20) });
    expect(sentences(deployed, { held: [...early, second(-5)] })[0]).toMatch(/^The stage 'compliance'.*rejection/);
    expect(sentences(deployed, { held: [...early, second(-4)] })[0]).not.toMatch(/^The stage 'compliance'/);
    expect(sentences(deployed, { held: [...deployed.held, second(6)] })[0]).not.toMatch(/^The stage 'compliance'/);
  });

  it("counts what is done in another's place as revocations of the last seconds were seen, in whatever order", () => {
    const inPlace = deployed.held.find(({ signOff }) => signOff.onBehalfOf !== undefined);
    const [terms] = deployed.own.delegations.filter(({ id }) => id === inPlace?.signOff.onBehalfOf?.delegation);
    if (inPlace === undefined || terms === undefined) throw new Error("Nobody signed in another's place.");
    const { recordedAt } = inPlace.signOff;
    const other = { issuer: terms.delegator.issuer, subject: "other" };
    const delegate = { issuer: terms.delegator.issuer, subject: "in-other-place" };
    const [second, earlier] = ["2".repeat(64) as Sha256, addSeconds(recordedAt, -1)];
    // Signs a second before, and would have the seat: seen as revoked, where what was revoked before that was not.
    const held: readonly HeldSignOff[] = [
      ...deployed.held,
      {
        ...inPlace,
        signOff: {
          ...inPlace.signOff,
          id: "1".repeat(64) as Sha256,
          reviewer: delegate,
          onBehalfOf: { person: other, delegation: second },
          recordedAt: earlier,
        },
      },
    ];
    const revoked = (seconds: number): ToldReview["own"] => ({
      ...deployed.own,
      delegations: [
        ...deployed.own.delegations.map((each) =>
          each === terms ? { ...each, revokedAt: addSeconds(earlier, -seconds) } : each,
        ),
        { ...terms, id: second, delegator: other, delegate, revokedAt: earlier },
      ],
    });
    const steps = deployed.steps.filter(({ record }) => record.type !== "verdict");
    expect(sentences(deployed, { steps, held, own: revoked(4) })).toEqual([]);
    expect(sentences(deployed, { steps, held, own: revoked(5) })).toEqual([
      "The stage 'model and operations' was recorded as decided, but its sign-offs do not decide it: nobody fills the seat of lead-data-scientist.",
    ]);
  });

  it("is judged by nothing where the gates asked for nothing", () => {
    const steps = deployed.steps.map((step) => ({ ...step, requirements: undefined }));
    expect(sentences(deployed, { steps, held: [] })).toEqual([]);
  });

  it("has nobody in a seat who had a hand in the candidate", () => {
    const before = deployed.steps.at(-1)?.before;
    if (before === undefined) throw new Error("Nothing happened.");
    const lineage = { ...before.manifest.lineage, trainedBy: [{ identity: cora.identity }] };
    const steps = knowing(deployed.steps, "stage-decided", { manifest: { ...before.manifest, lineage } });
    expect(sentences(deployed, { steps })).toContain(
      "Separation of duties: sub-cora, who trained the model, fills the seat of compliance-officer.",
    );
  });
});

describe("a rejection that was recorded", () => {
  it.each([
    ["somebody else's", [{ ...dana.identity }]],
    ["nobody's", []],
    ["another's as well", [{ ...cora.identity }, { ...dana.identity }]],
  ])("is not %s", (_, who) => {
    expect(sentences(rejected, { steps: sayingIn(rejected.steps, "rejected", { by: who }) })).toEqual([
      "A rejection was recorded that the sign-offs do not come to.",
    ]);
  });

  it("is none where whoever signed said yes", () => {
    expect(sentences(rejected, { held: by(rejected.held, cora, { result: "approve" }) })).toEqual([
      "A rejection was recorded that the sign-offs do not come to.",
    ]);
  });

  it("may name those who rejected in any order", () => {
    const [one] = rejected.held;
    if (one === undefined) throw new Error("Nobody signed.");
    const other: HeldSignOff = {
      ...one,
      signOff: {
        ...one.signOff,
        id: "2".repeat(64) as SignOff["id"],
        reviewer: dana.identity,
        groups: dana.groups,
        roles: ["lead-data-scientist"],
      },
      member: dana,
    };
    const held = [one, other];
    const own = peopleAsSigned(held, new Map());
    const told = (...people: readonly Member[]) =>
      sentences(rejected, {
        held,
        own,
        steps: sayingIn(rejected.steps, "rejected", { by: people.map(({ identity }) => ({ ...identity })) }),
      });
    expect(told(cora, dana)).toEqual(told(dana, cora));
  });
});

describe("a verdict that says PASSED", () => {
  const verdictAlone = (review: ToldReview, before: Partial<Promotion> = {}) => ({
    steps: knowing(review.steps, "verdict", before).filter(({ record }) => record.type === "verdict"),
  });

  it("needs every stage decided", () => {
    const { stage } = stepOf(deployed.steps, "stage-opened").after;
    if (stage === undefined) throw new Error("No stage was opened.");
    const { steps } = verdictAlone(deployed, { status: "in-review", stage, settled: [] });
    expect(sentences(deployed, { steps })).toEqual(["The verdict is PASSED, but a stage was never decided."]);
  });

  it("needs every seat filled still", () => {
    expect(sentences(deployed, { ...verdictAlone(deployed), held: without(deployed.held, sam) })).toEqual([
      "The verdict is PASSED, but nobody fills the seat of sre.",
    ]);
    const [cast] = deployed.held;
    if (cast === undefined) throw new Error("Nobody signed.");
    expect(sentences(deployed, { ...verdictAlone(deployed), held: [cast] })).toEqual([
      "The verdict is PASSED, but nobody fills the seat of lead-data-scientist and sre.",
    ]);
  });

  it("has no rejection before it", () => {
    expect(
      sentences(deployed, { ...verdictAlone(deployed), held: by(deployed.held, sam, { result: "reject" }) }),
    ).toEqual(["The verdict is PASSED, although the promotion was rejected before."]);
  });

  it("is judged no more where it says FAILED, or that its seats are lent", () => {
    const failed = sayingIn(verdictAlone(deployed).steps, "verdict", { result: "FAILED" });
    expect(sentences(deployed, { steps: failed, held: [] })).toEqual([]);
    const lent = sayingIn(verdictAlone(deployed).steps, "verdict", { loan: true });
    expect(sentences(deployed, { steps: lent, held: [] })).toEqual([]);
    expect(ratified.steps.filter(({ record }) => isOfLoan(record))).toHaveLength(1);
  });

  it("holds by what the directory told as it was signed, and by the tokens where that was not kept", () => {
    const people = deployed.kept;
    if (people === undefined) throw new Error("The directory's word was not kept.");
    const moved = people.members.map((member) =>
      member.identity.subject === sam.identity.subject ? { ...member, groups: [] } : member,
    );
    expect(sentences(deployed, { kept: { ...people, members: moved } })).toEqual([
      "The verdict is PASSED, but nobody fills the seat of sre.",
    ]);
    expect(sentences(deployed, { kept: undefined })).toEqual([]);
  });

  it("has nobody in a seat who had a hand in the candidate, known by the token's address or the directory's", () => {
    const people = deployed.kept;
    const before = deployed.steps.at(-1)?.before;
    if (people === undefined || before === undefined) throw new Error("Nothing was kept.");
    const hand = "Separation of duties: sub-sam, who trained the model, fills the seat of sre.";
    const lineage = { ...before.manifest.lineage, trainedBy: [{ address: "sam.trains@example.com" }], codeAuthors: [] };
    const { steps } = verdictAlone(deployed, { manifest: { ...before.manifest, lineage } });
    const address = "Sam.Trains@example.com";
    const listed = people.members.map((member) =>
      member.identity.subject === sam.identity.subject ? { ...member, address } : member,
    );
    expect(sentences(deployed, { steps, kept: { ...people, members: listed } })).toContain(hand);
    const own = {
      ...deployed.own,
      members: deployed.own.members.map((member) =>
        member.identity.subject === sam.identity.subject ? { ...member, address } : member,
      ),
    };
    expect(sentences(deployed, { steps, own })).toContain(hand);
    expect(sentences(deployed, { steps })).toEqual([]);
  });

  it("needs a passkey that was not surely revoked by then", () => {
    const at = momentOf(deployed.steps, "verdict");
    const revoked = (seconds: number): ToldReview["passkeys"] =>
      new Map(
        [...deployed.passkeys].map(([id, { revoked: _, ...passkey }]) => [
          id,
          { ...passkey, revoked: { ...passkey.enrolled, deed: "revoke", recordedAt: addSeconds(at, seconds) } },
        ]),
      );
    expect(sentences(deployed, { passkeys: revoked(-7) })).toEqual([]);
    expect(sentences(deployed, { passkeys: revoked(-8) })).toEqual([
      "The verdict is PASSED, but nobody fills the seat of sre.",
    ]);
    expect(sentences(deployed, { passkeys: new Map() })).toHaveLength(1);
  });
});
