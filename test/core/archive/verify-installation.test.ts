import { describe, expect, it } from "vitest";
import { type RunningReport, runningDocument } from "../../../core/deployment/intruder.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { intruderFound, intruderGone } from "../../../core/promotion/intruder-facts.ts";
import { House } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

const house = new House();
const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "fraud" } as const;
const report: RunningReport = {
  readAt: house.now(),
  place,
  expected: null,
  revision: "quick-fix",
  promotion: null,
  candidate: null,
};
const bytes = canonicalJsonBytes({ ...report, place: { ...place } });
const sha256 = sha256Hex(bytes);
house.blobs.set(sha256, bytes);
const submitted = await house.submit("candidate", "2.0.0");
await house.freezeAndJudge(submitted);
const found = intruderFound(
  { promotion: undefined, place },
  [],
  { kind: "unapproved", why: "Nobody approved it.", running: "quick-fix", action: "report" },
  [{ name: runningDocument, mediaType: "application/json", sha256 }],
  house.now(),
);
house.tellOf(found);
house.tellOf(intruderGone(found, house.now()));

/** What verification finds where the service tells of the finding, or of its end, otherwise. */
async function findings(change: (fact: Fact) => readonly Fact[] = (fact) => [fact]) {
  const recorded = { house, deployed: submitted, rejected: submitted, blocked: submitted };
  return (await verified(await packOf(recorded, { facts: house.facts.flatMap(change) }))).findings;
}

describe("what runs where nothing was ever approved", () => {
  it("verifies as it was found", async () => {
    expect(await findings()).toEqual([]);
  });

  it("verifies where the log has its end before it: what tells of it may have come late", async () => {
    const answer = house.facts.filter(({ type }) => type === "intruder-gone");
    const turned = (fact: Fact) =>
      fact.type === "intruder-found" ? [...answer, fact] : answer.includes(fact) ? [] : [fact];
    expect(await findings(turned)).toEqual([]);
  });

  it("is found where it stands under an id that is none of its type", async () => {
    const id = "installation/intruders";
    const wrong = await findings((fact) => (fact.id === found.id ? [{ ...fact, id }] : [fact]));
    expect(wrong).toContainEqual(
      expect.objectContaining({
        code: "life-cycle",
        sentence: expect.stringContaining(`'${id}' is no id of a record`),
      }),
    );
  });

  it.each<[string, (fact: Fact) => readonly Fact[], string]>([
    [
      "of another kind than the document comes to",
      (fact) => (fact.type === "intruder-found" ? [{ ...fact, body: { ...fact.body, kind: "altered" } }] : [fact]),
      "It is recorded as 'altered', and what ran then comes to 'unapproved'.",
    ],
    [
      "of another place",
      (fact) =>
        fact.type === "intruder-found"
          ? [{ ...fact, body: { ...fact.body, place: { ...place, endpoint: "credit-scoring" } } }]
          : [fact],
      "It is recorded of something else than the document says.",
    ],
    [
      "and never found, but gone",
      (fact) => (fact.type === "intruder-found" ? [] : [fact]),
      "It is about something that was never found.",
    ],
  ])("is found where a service tells of it %s", async (_, change, sentence) => {
    expect(await findings(change)).toMatchObject([{ code: "deployment-differs", sentence }]);
  });
});
