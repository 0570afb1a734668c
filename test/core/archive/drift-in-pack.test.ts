import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { driftOfAnother, putBackAgain } from "./drifted-again.ts";
import { House, shipped, shippedWith } from "./house.ts";
import { approved } from "./left-under-way.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { changed, factOf, type Retold, saying, withDocument } from "./retelling.ts";

const untold = /^Whether it asks about the candidate of p-.*, which drifted, is told by that one's records/;
const report = '{"psi":0.31}';
let house: House;
let first: PromotionId;
let again: PromotionId;

async function deployed(house: House, promotion: PromotionId): Promise<void> {
  await approved(house, promotion);
  await house.deploy(promotion);
}

beforeAll(async () => {
  house = new House();
  first = await house.submit("candidate", "2.0.0");
  await deployed(house, first);
  again = await house.drift(report);
  // Another report: what is restricted stays so, and nothing else is opened.
  await house.drift('{"psi":0.35}');
  await deployed(house, again);
});

describe("a model that drifted and was approved again", () => {
  it("was restricted, and runs on under signatures that were all given anew, over the report too", () => {
    expect(house.promotions.stored(first).status).toBe("restricted");
    const promotion = house.promotions.stored(again);
    expect(promotion.status).toBe("deployed");
    expect(promotion.carried ?? []).toEqual([]);
    expect(promotion.settled.flatMap(({ seats }) => seats)).toHaveLength(3);
    expect(promotion.frozen).toEqual(house.promotions.stored(first).frozen);
    expect(promotion.manifest.evidence.map(({ kind }) => kind)).toContain("drift");
    expect(house.facts.filter(({ type }) => type === "drift")).toHaveLength(2);
  });

  it("verifies offline, both promotions and each by itself", async () => {
    const whole = await verified(await packOf({ house }));
    expect(whole.findings).toEqual([]);
    expect(whole.unchecked.map(({ sentence }) => sentence)).not.toContainEqual(expect.stringMatching(untold));
    for (const promotion of [first, again]) {
      const part = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion } }));
      expect(part.findings).toEqual([]);
      const sentences = part.unchecked.filter(({ sentence }) => untold.test(sentence));
      expect(sentences.map((each) => each.promotion)).toEqual(promotion === again ? [again] : []);
    }
  });

  it.each<[string, () => Retold, string]>([
    [
      "of a promotion that did not drift",
      () => {
        const drifts = house.facts.filter(({ type }) => type === "drift");
        return { facts: house.facts.filter((fact) => !drifts.includes(fact)) };
      },
      "of which no record of drift names it",
    ],
    [
      "of itself",
      () => saying(house, factOf(house, "request", again), { reapproves: again }),
      "of which no record of drift names it",
    ],
    [
      "of one whose drift opened another",
      () => saying(house, factOf(house, "drift", first), { reapproval: first }),
      "of which no record of drift names it",
    ],
    [
      "with another report",
      () =>
        withDocument(
          house,
          factOf(house, "drift", first),
          factOf(house, "drift", first).attachments[0]?.name ?? "",
          utf8("{}"),
        ),
      "and is not that candidate with the report of its drift",
    ],
  ])("is not one that is said to be asked about again %s", async (_, tell, why) => {
    const { findings } = await verified(await packOf({ house }, tell()));
    const of = tell().facts?.find(({ id }) => id === `${again}/0`)?.body["reapproves"];
    expect(findings.map(({ sentence }) => sentence)).toContain(`It says that it asks again about ${of}, ${why}.`);
  });
});

describe("a report about what drifted already", () => {
  it("is not told beside the history of what serves on as if nobody had reported anything", async () => {
    const [drift, beside] = house.facts.filter(({ type }) => type === "drift");
    if (drift === undefined || beside === undefined) throw new Error("It did not drift twice.");
    const sentences = async (seconds: number) => {
      const facts = changed(house, beside, (fact) => ({ ...fact, at: addSeconds(drift.at, seconds) }));
      return (await verified(await packOf({ house }, { facts }))).findings.map(({ code, sentence }) => [
        code,
        sentence,
      ]);
    };
    expect(await sentences(-5)).toEqual([]);
    expect(await sentences(-6)).toEqual([
      [
        "deployment-differs",
        "A monitor's report is told beside the history of what was neither restricted for one by then nor over.",
      ],
    ]);
  });
});

describe("what a service says of what drifted", () => {
  const sentences = async (recorded: { readonly house: House } & Retold) =>
    (await verified(await packOf(recorded, recorded))).findings.map(({ code, sentence }) => `${code}: ${sentence}`);

  it("does not leave out what people were shown of it without a word", async () => {
    const facts = house.facts
      .filter(({ type }) => type !== "drift")
      .map((fact) => {
        const { reapproves: _, ...body } = fact.body;
        return fact.id === `${again}/0` ? { ...fact, body } : fact;
      });
    const { unchecked } = await verified(await packOf({ house }, { facts }));
    const sentence = `Whether ${first} drifted: it is that candidate with a report of drift as evidence, and no record of drift names it.`;
    expect(unchecked).toContainEqual({ promotion: again, sentence });
    const honest = await verified(await packOf({ house }));
    expect(honest.unchecked.map((each) => each.sentence)).not.toContain(sentence);
  });

  it("lets nothing serve again that had drifted itself", async () => {
    const lie = await putBackAgain();
    expect(await sentences({ house: lie.house })).toEqual([]);
    expect(await sentences(lie)).toEqual([
      expect.stringMatching(/^deployment-differs: What is to serve instead, .*, or is not any more\.$/),
    ]);
  });

  it("is told of what ran, and not of what ran before it", async () => {
    expect(await sentences(await driftOfAnother())).toEqual([
      expect.stringMatching(/^deployment-differs: It is said to have drifted at .*, when p-.* ran in its place\.$/),
    ]);
  });
});

describe("a model that drifted and made place for the one before", () => {
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(
    "    carryOver: 3d",
    "    carryOver: 3d\n    onDrift: previous",
  );
  let made: House;
  let drifted: PromotionId;
  let next: PromotionId;

  beforeAll(async () => {
    made = new House(undefined, shippedWith(matrix));
    for (const version of ["1.0.0", "2.0.0"]) {
      drifted = await made.submit("candidate", version);
      await deployed(made, drifted);
    }
    next = await made.drift(report);
    await made.restrict(drifted, { kind: "under-way", why: "It is on its way." });
    await made.restrict(drifted);
    await deployed(made, next);
  });

  it("ended, and its new approval was deployed in the place of what had come back", async () => {
    expect(made.promotions.stored(drifted).status).toBe("rolled-back");
    expect(made.promotions.stored(next).status).toBe("deployed");
    expect(made.facts.filter(({ type }) => type === "remedy").map(({ body }) => body["state"])).toEqual([
      "started",
      "done",
    ]);
    expect((await verified(await packOf({ house: made }))).findings).toEqual([]);
  });

  it.each<[string, (house: House) => Retold, RegExp]>([
    [
      "done without a beginning",
      (house) => {
        const [started, done] = house.facts.filter(({ type }) => type === "remedy");
        if (started === undefined || done === undefined) throw new Error("Nothing was done.");
        const facts = house.facts.flatMap((fact) =>
          fact === started ? [] : fact === done ? [{ ...done, id: started.id }] : [fact],
        );
        return { facts };
      },
      /^It is said to be done, and never began\.$/,
    ],
    [
      "done before the target said so",
      (house) => {
        const [started, done] = house.facts.filter(({ type }) => type === "remedy");
        if (started === undefined || done === undefined) throw new Error("Nothing was done.");
        const returned = new TextEncoder().encode(`{"progress":"under-way","readAt":"${done.at}"}`);
        const attachments = [{ name: "deployment.json", mediaType: "application/json", sha256: sha256Hex(returned) }];
        return {
          facts: house.facts.map((fact) => (fact === done ? { ...done, attachments } : fact)),
          blobs: new Map([...house.blobs, [sha256Hex(returned), returned]]),
        };
      },
      /what the target said then is 'under-way'/,
    ],
    [
      "with nothing named that serves instead",
      (house) => {
        const started = factOf(house, "remedy");
        const { to: _, ...body } = started.body;
        return { facts: house.facts.map((fact) => (fact === started ? { ...started, body } : fact)) };
      },
      /^What is to serve instead is not named, or should not be\.$/,
    ],
    [
      "because nobody approved it again, which the matrix did not ask for",
      (house) => saying(house, factOf(house, "remedy"), { because: "not-reapproved" }),
      /'previous' was done about it, and 'keep' was announced/,
    ],
  ])("is not believed to be %s", async (_, tell, sentence) => {
    const lied = await packOf({ house: made }, tell(made));
    const { findings } = await verified(lied);
    expect(findings.map((finding) => finding.sentence)).toContainEqual(expect.stringMatching(sentence));
  });
});
