import { describe, expect, it } from "vitest";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import {
  keptInReviews,
  keptTold,
  recheckKeptInReview,
} from "../../../../core/archive/promotion/verify-kept-in-review.ts";
import type { Json } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { peopleIn, reviewOf, told } from "../told.ts";

// Compliance and the SRE had signed; then the policies asked something else of the infrastructure.
const review = await reviewOf(told.reopened);
const { steps, held, own } = review;
const place = steps.findIndex((step) => keptTold(step) !== undefined);
const step = steps[place];
const said = step === undefined ? undefined : keptTold(step);
if (step === undefined || said === undefined) throw new Error("Nothing was kept.");
const given = held.filter(({ kept }) => kept === undefined);
const [kept] = said.kept;
const [fallen] = said.fallen;
if (kept === undefined || fallen === undefined) throw new Error("One is kept and one falls.");

const saying = (body: { readonly [name: string]: Json }) =>
  steps.map((each, at) =>
    at === place ? { ...each, record: { ...each.record, body: { ...each.record.body, ...body } } } : each,
  );
const sentences = (of: readonly Step[] = steps, signed: readonly HeldSignOff[] = held, people = own) =>
  recheckKeptInReview(of, signed, peopleIn({ ...review, own: people })).map(({ sentence }) => sentence);
const fallsAs = (why: string) => ({ signOff: kept.signOff, why });

describe("what is kept of a review", () => {
  it("is what stood in it and judges nothing that changed", () => {
    expect(sentences()).toEqual([]);
    expect(given.find(({ signOff }) => signOff.id === kept.signOff)?.signOff.roles).toEqual(["compliance-officer"]);
  });

  it("is told with the record that says it", () => {
    expect(recheckKeptInReview(saying({ fallen: [] }), held, peopleIn(review))).toEqual([
      {
        code: "quorum-differs",
        index: step.index,
        sentence: `It does not say what becomes of the sign-off ${fallen.signOff}.`,
      },
    ]);
  });

  it("may be less than could be, since falling is the safe direction", () => {
    expect(sentences(saying({ kept: [], fallen: [{ ...fallen }, fallsAs("left the team")] }))).toEqual([]);
  });

  it("is never what falls", () => {
    const also = { signOff: fallen.signOff, stage: 1, roles: ["sre"], review: 2 };
    expect(sentences(saying({ kept: [{ ...kept }, also], fallen: [] }))).toEqual([
      "A sign-off was kept although it falls: Sam signed as 'Site reliability engineer', which judges what the gates ask something else of now: 'infrastructure'.",
    ]);
  });

  it.each<[string, object]>([
    ["stage", { stage: 1 }],
    ["review", { review: 3 }],
    ["role", { roles: ["sre"] }],
    ["number of roles", { roles: [] }],
    ["further role", { roles: ["compliance-officer", "sre"] }],
  ])("stands where it stands, and in no other %s", (_, over) => {
    expect(sentences(saying({ kept: [{ ...kept, ...over }] }))).toEqual([
      `The sign-off ${kept.signOff} is kept in another stage, review or role than it stands for.`,
    ]);
  });

  it("was given", () => {
    const nobodys = digestOf("nobody's");
    expect(sentences(saying({ kept: [{ ...kept, signOff: nobodys }] }))).toEqual([
      `The sign-off ${nobodys} is kept, and did not stand in the review before.`,
    ]);
    expect(sentences(steps, [])).toEqual([
      `The sign-off ${kept.signOff} is kept, and did not stand in the review before.`,
    ]);
  });

  it("is told once of each", () => {
    expect(sentences(saying({ fallen: [{ ...fallen }, fallsAs("signed long ago")] }))).toEqual([
      "Of one sign-off it says twice what becomes of it.",
    ]);
    expect(sentences(saying({ fallen: [{ ...fallen }, { ...fallen }] }))).toEqual([
      "Of one sign-off it says twice what becomes of it.",
    ]);
  });

  it("is by people who had no hand in the candidate", () => {
    const [cora] = own.members.filter(({ groups }) => groups.includes("compliance-officers"));
    if (cora === undefined || step.before === undefined) throw new Error("Cora signed.");
    const lineage = { ...step.before.manifest.lineage, trainedBy: [{ identity: cora.identity }] };
    const before = { ...step.before, manifest: { ...step.before.manifest, lineage } };
    const changed = steps.map((each, at) => (at === place ? { ...each, before } : each));
    expect(sentences(changed)[0]).toMatch(/^A sign-off was kept although it falls: Cora .*trained the model/);
  });

  it("counts what was signed in the last seconds before, either way", () => {
    const late = (seconds: number) =>
      given.map((each) =>
        each.signOff.id === fallen.signOff
          ? { ...each, signOff: { ...each.signOff, recordedAt: addSeconds(step.record.at, seconds) } }
          : each,
      );
    const unsaid = saying({ fallen: [] });
    expect(sentences(unsaid, late(-7))).toEqual([]);
    expect(sentences(unsaid, late(5))).toEqual([]);
    expect(sentences(unsaid, late(-8))).toEqual([`It does not say what becomes of the sign-off ${fallen.signOff}.`]);
    const also = saying({ fallen: [{ ...fallen }] });
    expect(sentences(also, late(6))).toEqual([]);
    expect(sentences(also, late(-4))).toEqual([]);
  });

  it("is of a review that there was", () => {
    const wrong = "It keeps sign-offs of a review that there never was.";
    expect(sentences(saying({ review: 4 }))).toEqual([wrong]);
    const unasked = steps.map((each, at) => (at === place ? { ...each, requirements: undefined } : each));
    expect(sentences(unasked)).toEqual([wrong]);
    const unjudged = steps.map((each) => (each.after.review === 1 ? { ...each, requirements: undefined } : each));
    expect(sentences(unjudged)).toEqual([wrong]);
    const nothing = steps.map((each, at) => (at === place ? { ...each, before: undefined } : each));
    expect(sentences(nothing)).toEqual([wrong]);
  });
});

describe("the sign-offs that are kept", () => {
  it("count in the later review, in the stage and roles that are said", () => {
    const [again, ...more] = keptInReviews(steps, given);
    const [original] = given.filter(({ signOff }) => signOff.id === kept.signOff);
    expect(more).toEqual([]);
    expect(again).toEqual({
      ...original,
      kept: true,
      signOff: { ...original?.signOff, stage: kept.stage, roles: kept.roles, review: kept.review },
    });
  });

  it("are those that were given here, and held", () => {
    expect(keptInReviews(steps, [])).toEqual([]);
    expect(
      keptInReviews(
        steps,
        given.map((each) => ({ ...each, kept: true })),
      ),
    ).toEqual([]);
    expect(keptInReviews(steps.slice(0, place), given)).toEqual([]);
  });

  it("are told of by records that say what is kept, and by no others", () => {
    const others = steps.filter(({ record }) => record.type === "seat-reopened" && !("kept" in record.body));
    expect(others).not.toEqual([]);
    for (const each of others) expect(keptTold(each)).toBeUndefined();
    for (const each of steps.filter(({ record }) => record.type !== "seat-reopened"))
      expect(keptTold(each)).toBeUndefined();
  });
});
