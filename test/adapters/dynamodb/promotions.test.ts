import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { promotionItem, readPromotionsItem } from "../../../adapters/dynamodb/promotion-items.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { withObjection } from "../../../core/promotion/objection.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, now, promotionInReview, sam } from "../../core/promotion/promotion-in-review.ts";
import { credentials } from "../../local/recorded-calls.ts";
import { open } from "./tables.ts";

const base = promotionInReview();
const opened: Omit<Fact, "id" | "promotion"> = {
  type: "freeze",
  at: now,
  summary: "Frozen.",
  body: {},
  attachments: [],
};
let signOff: Awaited<ReturnType<typeof givenSignOff>>;
beforeAll(async () => {
  signOff = await givenSignOff(base, cora);
});
describe("a promotion that a thousand people signed", () => {
  /** Each of them with an id of its own, as it is kept for a newer candidate, and what fell with the reason. */
  function signedBy(count: number) {
    const signOffs = Array.from({ length: count }, (_, at) => ({
      ...signOff.signOff,
      id: sha256Hex(utf8(`sign-off ${at}`)),
      reviewer: { ...cora.identity, subject: sha256Hex(utf8(`${at}`)).slice(0, 36) },
      reviewerName: `Reviewer ${at}`,
    }));
    const carried = signOffs.map((each) => ({ signOff: each, stage: 0, roles: ["sre"], review: 1 }));
    const fallen = signOffs.map(({ id }) => ({ signOff: id, why: "signed, and the role is asked for otherwise now" }));
    const body = { review: 1, kept: [], fallen };
    const told: Fact = { ...opened, id: `${base.id}/0`, promotion: base.id, type: "seat-reopened", body };
    return { ...base, carried, invalidated: fallen, history: [told] };
  }

  it("fits into its item, is moved, listed and read as any other", async () => {
    const { promotions } = await open();
    const large = signedBy(1000);
    expect(JSON.stringify(large).length).toBeGreaterThan(600_000);
    expect(await promotions.create(large)).toBe("created");
    expect(await promotions.load(base.id)).toEqual(large);
    const next = advance(large, { status: "withdrawn" }, opened);
    expect(await promotions.move(next)).toBe("moved");
    expect(await promotions.load(base.id)).toEqual(next);
    expect((await promotions.list({ status: "withdrawn" }, 10)).promotions).toEqual([next]);
  });

  it("is read as the stream tells it, in base64", () => {
    const large = signedBy(500);
    const item = promotionItem(large);
    const packed = item["document"]?.B ?? new Uint8Array();
    const image = { ...item, document: { B: Buffer.from(packed).toString("base64") } } as unknown as typeof item;
    for (const each of [item, image]) expect(readPromotionsItem(each)).toEqual({ kind: "promotion", promotion: large });
  });

  it("stays readable where few did", () => {
    expect(promotionItem(signedBy(10))["document"]?.M?.["id"]).toEqual({ S: base.id });
  });
});

describe("facts that stand by themselves", () => {
  const factOf = (over: Partial<Fact> & Pick<Fact, "id" | "type">): Fact => ({
    ...opened,
    promotion: base.id,
    ...over,
  });

  it("of what was found to run without an approval are found over all promotions, and nothing beside them", async () => {
    const { promotions, intruders } = await open();
    const other = `p-${"9".repeat(32)}-1` as Promotion["id"];
    const found = factOf({ id: `${base.id}/intruder/a/1`, type: "intruder-found" });
    const facts = [
      found,
      factOf({ id: `${found.id}/gone`, type: "intruder-gone", at: addSeconds(now, 60) }),
      factOf({ id: `${other}/intruder/b/1`, type: "intruder-found", promotion: other, at: addSeconds(now, 120) }),
    ];
    for (const fact of [...facts, factOf({ id: `${base.id}/question/q`, type: "question" })])
      expect(await promotions.recordFact(fact)).toBe("recorded");
    const { promotion: _, ...ofNone } = factOf({ id: "installation/intruder//theirs/1", type: "intruder-found" });
    expect(await promotions.recordFact(ofNone)).toBe("recorded");
    expect(await intruders()).toEqual(facts);
    expect((await promotions.factsUnder(base.id, "intruder")).map(({ id }) => id)).toEqual([
      found.id,
      `${found.id}/gone`,
    ]);
  });

  it("are read without the outcomes, of which there may be any number, and those the newest first", async () => {
    const { promotions } = await open();
    // On either side of what outcomes are called, and as near as may be.
    const others = ["drift/a/1", "notification/1", "outcom", "outcome-like/1", "question/q"].map((name) =>
      factOf({ id: `${base.id}/${name}`, type: "question" }),
    );
    const outcomes = [0, 1, 2, 3].map((hour) =>
      factOf({ id: `${base.id}/outcome/m/${9 - hour}`, type: "outcome", at: addSeconds(now, hour * 3600) }),
    );
    for (const fact of [...others, ...outcomes]) expect(await promotions.recordFact(fact)).toBe("recorded");
    expect((await promotions.facts(base.id)).map(({ id }) => id)).toEqual(others.map(({ id }) => id));
    expect((await promotions.factsUnder(base.id, "question")).map(({ id }) => id)).toEqual([`${base.id}/question/q`]);
    expect(await promotions.outcomes(base.id, 3)).toEqual(outcomes.toReversed().slice(0, 3));
    expect(await promotions.outcomes(base.id, 100)).toHaveLength(4);
    expect(await promotions.countOutcomes(base.id)).toEqual({ number: 4, more: false });
    expect(
      await promotions.outcomes(promotionInReview({ id: `p-${"9".repeat(32)}-1` as Promotion["id"] }).id, 3),
    ).toEqual([]);
    // They are no promotions of any model.
    expect(
      (await promotions.list({ model: base.manifest.model.name, target: base.manifest.target.name }, 9)).promotions,
    ).toEqual([]);
  });

  it("are found by their ids", async () => {
    const { promotions } = await open();
    const fact = factOf({ id: `${base.id}/outcome/m/1`, type: "outcome" });
    expect(await promotions.fact(fact)).toBeUndefined();
    await promotions.recordFact(fact);
    expect(await promotions.recordFact({ ...fact, summary: "Another." })).toBe("exists");
    expect(await promotions.fact(fact)).toEqual(fact);
  });
});

describe("promotions", () => {
  it("come back as they were written, and an id is taken once", async () => {
    const { promotions } = await open();
    expect(await promotions.create(base)).toBe("created");
    expect(await promotions.create(base)).toBe("exists");
    expect(await promotions.load(base.id)).toEqual(base);
  });

  it("are moved by one of two who move them at once", async () => {
    const { promotions } = await open();
    await promotions.create(base);
    const next = advance(base, {}, opened);
    const outcomes = await Promise.all([promotions.move(next), promotions.move(next)]);
    expect(outcomes.toSorted()).toEqual(["lost", "moved"]);
    expect((await promotions.load(base.id))?.revision).toBe(base.revision + 1);
  });

  it("are listed by status and by model, in pages", async () => {
    const { promotions } = await open();
    const second = { ...base, id: `${base.id.slice(0, -1)}2` as typeof base.id, attempt: 2 };
    await promotions.create(base);
    await promotions.create(second);
    const { name } = base.manifest.model;
    const first = await promotions.list({ model: name, target: base.manifest.target.name }, 1);
    const rest = await promotions.list({ model: name, target: base.manifest.target.name }, 1, first.next);
    expect([...first.promotions, ...rest.promotions].map(({ id }) => id).toSorted()).toEqual([base.id, second.id]);
    expect((await promotions.list({ status: base.status }, 10)).promotions).toHaveLength(2);
    expect((await promotions.list({ status: "failed" }, 10)).promotions).toEqual([]);
    const lane = { model: name, target: base.manifest.target.name };
    const among = async (...statuses: (typeof base.status)[]) =>
      (await promotions.list({ ...lane, among: statuses }, 1)).promotions.map(({ id }) => id);
    expect(await among("deployed", base.status)).toEqual([...first.promotions, ...rest.promotions].map(({ id }) => id));
    expect(await among("deployed", "failed")).toEqual([]);
  });

  it("are none of a time that is yet to come, however late", async () => {
    const { promotions } = await open();
    for (const year of ["2999", "9000", "9999"]) {
      const from = `${year}-01-01T00:00:00.000Z` as typeof now;
      expect(await promotions.list({ status: "failed", from }, 10)).toEqual({ promotions: [] });
    }
  });

  it("are not listed from a cursor that no listing gave", async () => {
    const { promotions } = await open();
    const beyond = {
      pk: `PROMOTION#${base.id}`,
      sk: "PROMOTION",
      status: "failed",
      submittedAt: "2020-01-01T00:00:00.000Z",
    };
    const ofOthers = { ...beyond, status: "deployed", submittedAt: now };
    const forged = [{ pk: 1 }, beyond, ofOthers, { ...beyond, submittedAt: "" }, { a: "a", b: "b", c: "c", d: "d" }];
    const cursors = forged.map((key) => Buffer.from(JSON.stringify(key)).toString("base64url"));
    for (const cursor of ["nonsense", ...cursors]) {
      await expect(promotions.list({ status: "failed", from: now }, 10, cursor)).rejects.toMatchObject({
        code: "invalid-request",
      });
    }
  });
});

describe("sign-offs and facts", () => {
  it("are appended, and the same one twice is one", async () => {
    const { promotions } = await open();
    expect(await promotions.recordSignOff(signOff)).toBe("recorded");
    expect(await promotions.recordSignOff(signOff)).toBe("exists");
    expect(await promotions.signOffs(signOff.signOff.promotion)).toEqual([signOff]);
  });

  it("are written together with the promotion's next revision, or neither is", async () => {
    const { promotions } = await open();
    await promotions.create(base);
    const next = withObjection(base);
    expect(await promotions.recordSignOff(signOff, next)).toBe("recorded");
    expect(await promotions.load(base.id)).toEqual(next);
    expect(await promotions.recordSignOff(signOff, withObjection(next))).toBe("exists");
    const other = await givenSignOff(base, sam, { result: "reject", reason: "No." });
    expect(await promotions.recordSignOff(other, next)).toBe("lost");
    expect(await promotions.load(base.id)).toEqual(next);
    expect(await promotions.signOffs(base.id)).toEqual([signOff]);
  });

  it("and a promotion that is moved meanwhile: one of the two is written, and the other is told that it lost", async () => {
    const { promotions } = await open();
    await promotions.create(base);
    for (let from = base, round = 0; round < 8; round += 1) {
      const given = await givenSignOff(base, cora, { result: "reject", reason: `${round}` });
      const racing = [
        () => promotions.move(advance(from, {}, opened)),
        () => promotions.recordSignOff(given, withObjection(from)),
      ];
      if (round % 2 === 1) racing.reverse();
      const outcomes = await Promise.all(racing.map((write) => write()));
      expect(outcomes.filter((outcome) => outcome === "lost")).toHaveLength(1);
      const stored = await promotions.signOffs(base.id);
      const recorded = stored.some(({ signOff: { id } }) => id === given.signOff.id);
      expect(recorded).toBe(outcomes.includes("recorded"));
      from = (await promotions.load(base.id)) ?? expect.unreachable();
      expect(from.objections ?? 0).toBe(stored.length);
    }
  });

  it.each([
    [
      "a write that meets it",
      "TransactionConflictException",
      [],
      { moved: "lost", recorded: "TransactionConflictException" },
    ],
    [
      "another transaction that meets it",
      "TransactionCanceledException",
      ["TransactionConflict", "None"],
      { moved: "TransactionCanceledException", recorded: "lost" },
    ],
    [
      "one of the sign-off's",
      "TransactionCanceledException",
      ["None", "TransactionConflict"],
      { moved: "TransactionCanceledException", recorded: "lost" },
    ],
    [
      "a table that takes no more",
      "TransactionCanceledException",
      ["ThrottlingError", "None"],
      { moved: "TransactionCanceledException", recorded: "TransactionCanceledException" },
    ],
  ])("lose to %s as DynamoDB says it", async (_, name, codes, expected) => {
    const server = await listenOnLoopback(async (_request, response) => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(
        JSON.stringify({
          __type: `com.amazonaws.dynamodb.v20120810#${name}`,
          CancellationReasons: codes.map((Code) => ({ Code })),
        }),
      );
    });
    onTestFinished(() => server.close());
    const client = new DynamoDBClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
    const promotions = promotionStore(client, "promotions");
    const outcome = (write: Promise<string>) => write.catch((error: Error) => error.name);
    expect({
      moved: await outcome(promotions.move(withObjection(base))),
      recorded: await outcome(promotions.recordSignOff(signOff, withObjection(base))),
    }).toEqual(expected);
  });

  it("are late where the table does not answer in time: what was moved is asked of it again, as of a later instant", async () => {
    const asked: string[] = [];
    const server = await listenOnLoopback(async (request, response) => {
      asked.push(String(request.headers["x-amz-target"]));
      if (asked.length === 1) return void response.end("{}");
      // Nothing is answered, until whoever asked has gone.
      await once(request.socket, "close");
    });
    onTestFinished(() => server.close());
    const client = new DynamoDBClient({ endpoint: server.url, region: "us-east-1", credentials });
    const promotions = promotionStore(client, "promotions", 250);
    // The client takes its time before it asks anything for the first time.
    expect(await promotions.load(base.id)).toBeUndefined();
    expect(await promotions.move(withObjection(base))).toBe("late");
    // Of a sign-off nobody else asks again: whoever gave it is told.
    for (const next of [undefined, withObjection(base)])
      await expect(promotions.recordSignOff(signOff, next)).rejects.toMatchObject({
        code: "unavailable",
        message: "The sign-off was not recorded in time: try again.",
      });
    expect(asked).toContain("DynamoDB_20120810.UpdateItem");
  });

  it("do not mix", async () => {
    const { promotions } = await open();
    const fact: Fact = { ...opened, id: `${base.id}/asked/1`, type: "notification-sent", promotion: base.id };
    expect(await promotions.recordFact(fact)).toBe("recorded");
    expect(await promotions.recordFact(fact)).toBe("exists");
    expect(await promotions.facts(base.id)).toEqual([fact]);
    expect(await promotions.signOffs(base.id)).toEqual([]);
  });
});
