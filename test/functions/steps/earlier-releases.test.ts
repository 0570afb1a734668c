import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { earlierReleasesBytes, readEarlierReleases } from "../../../core/gates/earlier-releases.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { earlierReleases, type ReleasesPorts } from "../../../functions/steps/evaluate-gates/earlier-releases.ts";
import { type Candidate, manifestOf, saying } from "../../core/gates/candidate.ts";
import { now, promotionAtTheGates } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const compared = { quality: { auc: { dropAtMost: 0.02 } }, fairness: {}, releases: 2 };
const of = (auc: number) => saying("model-quality.json", { metrics: { accuracy: 0.76, auc } });

/** A promotion of a candidate, submitted so many days ago and, where it was, deployed an hour later. */
function promotion(candidate: Candidate, daysAgo: number, status: Promotion["status"] = "deployed"): Promotion {
  const manifest = manifestOf(candidate);
  const digest = freezeDigest(manifest);
  const submittedAt = addSeconds(now, -daysAgo * 86_400);
  const fact = { id: "x", summary: "", body: {}, attachments: [] };
  return {
    ...promotionAtTheGates({ id: promotionId(digest, 1), manifest, freezeDigest: digest }),
    status,
    submittedAt,
    history: status === "deployed" ? [{ ...fact, type: "deployed", at: addSeconds(submittedAt, 3600) }] : [],
  };
}

const blobs = new MemoryBlobs(
  [0.7, 0.75, 0.78, 0.8, 0.9].flatMap((auc) =>
    Object.values(of(auc).documents).map(({ content }) =>
      utf8(typeof content === "string" ? content : JSON.stringify(content)),
    ),
  ),
);
const candidate = promotion(of(0.8), 0, "gating");
const look = (promotions: ReleasesPorts["promotions"], clock = () => now) =>
  earlierReleases({ now: clock, promotions, blobs })(candidate, compared);
const read = async (...others: readonly Promotion[]) =>
  (await look(new MemoryPromotions([candidate, ...others]))).releases;

describe("earlier releases", () => {
  it("are those that serve or served, the last deployed first, as many as are compared", async () => {
    const releases = await read(
      promotion(of(0.7), 30),
      promotion(of(0.78), 10),
      promotion(of(0.75), 20),
      promotion(of(0.9), 5, "rolled-back"),
    );
    expect(releases.map(({ metrics }) => metrics.map(({ value }) => value))).toEqual([[0.78], [0.75]]);
    expect(releases[0]).toMatchObject({ deployedAt: addSeconds(now, -10 * 86_400 + 3600), facets: [] });
  });

  it("are in the order in which they came to serve, whichever was asked for last", async () => {
    const [slow, quick] = [promotion(of(0.7), 30), promotion(of(0.78), 10)];
    const late = { ...slow, history: slow.history.map((fact) => ({ ...fact, at: addSeconds(now, -60) })) };
    expect((await read(late, quick, promotion(of(0.75), 20))).map(({ deployedAt }) => deployedAt)).toEqual([
      addSeconds(now, -60),
      addSeconds(now, -10 * 86_400 + 3600),
    ]);
  });

  it("are looked for page by page, until there are as many as are compared", async () => {
    const [last, before] = [promotion(of(0.78), 10), promotion(of(0.75), 20)];
    const stored = new MemoryPromotions([candidate, last, before]);
    const asked: (string | undefined)[] = [];
    const list: ReleasesPorts["promotions"]["list"] = async (_filter, _limit, from) => {
      asked.push(from);
      if (from === undefined) return { promotions: [candidate], next: "second" };
      return from === "second" ? { promotions: [last], next: "third" } : { promotions: [before], next: "fourth" };
    };
    const { releases } = await look({ list, load: stored.load });
    expect(releases.map(({ freezeDigest }) => freezeDigest)).toEqual([last.freezeDigest, before.freezeDigest]);
    expect(asked).toEqual([undefined, "second", "third"]);
  });

  it("are none before the first, and never the candidate itself", async () => {
    expect(await read()).toEqual([]);
  });

  it("are those that serve as they are looked for, though the list is a moment behind", async () => {
    const [gone, came] = [promotion(of(0.7), 30), promotion(of(0.78), 10)];
    const stored = new MemoryPromotions([candidate, { ...gone, status: "restricted" }, came]);
    const list = async () => ({
      promotions: [candidate, gone, { ...came, status: "deploying" as const, history: [] }],
    });
    const { at, releases } = await look({ list, load: stored.load });
    expect(releases.map(({ metrics }) => metrics.map(({ value }) => value))).toEqual([[0.78]]);
    expect(at).toBe(now);
  });

  it("are nobody's to tell where a promotion of the model and the target cannot be read: which it is, is said", async () => {
    const stored = new MemoryPromotions([candidate]);
    const list = async () => ({ promotions: [candidate], unreadable: ["5f3c-1"] });
    await expect(look({ list, load: stored.load })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("the service cannot read 5f3c-1, since"),
    });
  });

  it("are of an instant: where looking takes too long, it is looked again", async () => {
    const stored = new MemoryPromotions([candidate, promotion(of(0.78), 10)]);
    let seconds = 0;
    let looks = 0;
    const load: ReleasesPorts["promotions"]["load"] = async (id) => {
      looks += 1;
      if (looks === 1) seconds += 60;
      return stored.load(id);
    };
    const { at, releases } = await look({ list: stored.list, load }, () => addSeconds(now, seconds));
    expect([at, releases.length, looks]).toEqual([addSeconds(now, 60), 1, 2]);
  });

  it("say nothing of a metric that cannot be read in their evidence", async () => {
    const unread = { ...promotion(of(0.7), 3), manifest: { ...promotion(of(0.7), 3).manifest, evidence: [] } };
    expect((await read(unread))[0]?.metrics).toEqual([]);
  });

  it("come back out of their document as they went in", async () => {
    const releases = await read(promotion(of(0.78), 10));
    expect(readEarlierReleases(earlierReleasesBytes(releases))).toEqual(releases);
  });

  it.each(["{}", '{"documentVersion":1,"releases":[{}]}', "["])("are not read from %s", async (text) => {
    expect((await refused(Promise.resolve().then(() => readEarlierReleases(utf8(text))))).code).toBe("pack-invalid");
  });
});
