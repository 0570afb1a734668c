import { describe, expect, it } from "vitest";
import { pastPromotion } from "../../../core/replay/past-promotion.ts";
import { delegation } from "../approval/people-and-votes.ts";
import { told } from "../archive/told.ts";
import { blobs, bringing, inRecord, of, ofType, past, read } from "./told-past.ts";

describe("a past promotion", () => {
  it("is as it ended, with what judged it", async () => {
    const { id, end, judged, requirements, passedAt } = await past(told.deployed);
    expect([id, end.id, end.status]).toEqual([told.deployed, told.deployed, "restricted"]);
    expect(judged?.record.type).toBe("gates");
    expect(requirements?.rule.stages.map(({ name }) => name)).toEqual(["compliance", "model and operations"]);
    expect(passedAt).toBe(ofType(of(told.deployed), "verdict")[0]?.record.at);
  });

  it("was judged by its last gates, where policies changed under it, or by what blocked it", async () => {
    const gates = ofType(of(told.reopened), "gates");
    expect(gates).toHaveLength(2);
    expect((await past(told.reopened)).judged?.index).toBe(gates[1]?.index);
    expect((await past(told.blocked)).judged?.record.type).toBe("blocked");
  });

  it("was never judged where it was withdrawn before", async () => {
    const withdrawn = await past(told.withdrawn);
    expect(withdrawn).toMatchObject({ decisions: [], members: [], people: [], times: [] });
    for (const member of ["judged", "requirements", "evidence", "releases"] as const)
      expect(withdrawn[member]).toBeUndefined();
    expect(withdrawn).not.toHaveProperty("passedAt");
    expect(withdrawn.computedDigests.size).toBe(0);
  });

  it("cannot be read without its request", async () => {
    const wrong: string[] = [];
    const found = (_: string, __: string, sentence: string) => void wrong.push(sentence);
    expect(await pastPromotion(told.deployed, of(told.deployed).slice(1), read, found)).toBeUndefined();
    expect(wrong).toEqual([expect.stringMatching(/a record is missing or out of order\.$/)]);
  });

  it("passed by a verdict over its quorum: a loan's lets nothing go on for good, a failed one nothing at all", async () => {
    const own = ofType(of(told.ratified), "verdict");
    expect(own.map(({ record }) => record.body["loan"])).toEqual([true, undefined]);
    expect((await past(told.ratified)).passedAt).toBe(own[1]?.record.at);
    expect(await past(told.lent)).not.toHaveProperty("passedAt");
    const records = of(told.deployed);
    const upToVerdict = records.slice(0, records.findIndex(({ record }) => record.type === "verdict") + 1);
    const failed = inRecord(upToVerdict, upToVerdict.at(-1), ({ body }) => ({ body: { ...body, result: "FAILED" } }));
    expect(await past(told.deployed, failed)).not.toHaveProperty("passedAt");
  });

  it("knows the delegations that it is handed, and none otherwise", async () => {
    const given = delegation("Dana", "Emil", "lead-data-scientist", {});
    const result = await pastPromotion(told.deployed, of(told.deployed), read, () => {}, [given]);
    expect(result?.delegations).toEqual([given]);
    expect((await past(told.deployed)).delegations).toEqual([]);
  });
});

describe("the evidence of a past promotion", () => {
  it("is all that was frozen, with the digests of the copies and of the evidence itself", async () => {
    const { end, evidence, computedDigests } = await past(told.deployed);
    const { evidence: named, artifacts } = end.manifest;
    expect([...(evidence?.keys() ?? [])]).toEqual(named.map(({ name }) => name));
    for (const { name, sha256 } of named) expect(evidence?.get(name)).toBe(blobs.get(sha256));
    expect(Object.fromEntries(computedDigests)).toEqual(
      Object.fromEntries([...artifacts, ...named].map(({ name, sha256 }) => [name, sha256])),
    );
  });

  it("is not guessed where a part of it is not in the pack", async () => {
    const records = of(told.deployed);
    const without = await past(told.deployed, records, bringing(records, "model-quality.json", undefined));
    expect(without.evidence).toBeUndefined();
    expect(without.decisions).toHaveLength(3);
  });

  it("is compared with the releases that were kept when it was judged, if any were", async () => {
    expect((await past(told.deployed)).releases).toEqual([]);
    const { releases } = await past(told.reopened);
    expect(releases?.map(({ version }) => version)).toEqual(["2.8.0"]);
    expect((await past(told.policies)).releases).toBeUndefined();
    const records = of(told.reopened);
    const gone = bringing(records, "earlier-releases.json", undefined);
    expect((await past(told.reopened, records, gone)).releases).toBeUndefined();
  });
});

describe("how long people took", () => {
  it("is from the opening of the stage to the signature that filled the seat", async () => {
    expect((await past(told.deployed)).times).toEqual([
      { role: "compliance-officer", seconds: 78 },
      { role: "lead-data-scientist", seconds: 196 },
      { role: "sre", seconds: 65 },
    ]);
  });

  it("is told of every stage that was decided, also in a loan, and of none that is open", async () => {
    expect((await past(told.ratified)).times.map(({ role }) => role)).toEqual([
      "compliance-officer",
      "lead-data-scientist",
      "sre",
    ]);
    expect((await past(told.rejected)).times).toEqual([]);
  });

  it("is nothing for a signature that was kept: it filled its seat again before the stage was open", async () => {
    // Of the earlier candidate's signatures there is no time either: they were not given here.
    expect((await past(told.kept)).times).toEqual([
      { role: "sre", seconds: 65 },
      { role: "sre", seconds: 65 },
    ]);
    expect((await past(told.reopened)).times).toEqual([
      { role: "compliance-officer", seconds: 65 },
      { role: "lead-data-scientist", seconds: 65 },
      { role: "sre", seconds: 132 },
    ]);
  });

  it("is nothing where somebody signed in the moment in which the stage opened", async () => {
    const records = of(told.deployed);
    const [opened] = ofType(records, "stage-opened");
    const [signed] = ofType(records, "sign-off");
    const atOnce = inRecord(records, signed, () => ({ at: opened?.record.at ?? signed?.record.at }) as object);
    expect((await past(told.deployed, atOnce)).times[0]).toEqual({ role: "compliance-officer", seconds: 0 });
  });
});
