import { describe, expect, it } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { Turn, TurnBook } from "../../core/promotion/turn-book.ts";
import { inTurn } from "../../functions/in-turn.ts";
import { kofi, noor, noorAgain, service } from "../api/service-in-memory.ts";
import { delegationDocument } from "../core/attestation/given-delegation.ts";
import { cora, now, sam } from "../core/promotion/promotion-in-review.ts";
import { apiRequest } from "./api/api-request.ts";
import { delegationRequest, delegationScene, emil, routes } from "./api/delegation-requests.ts";
import { request, scene } from "./api/signing-scene.ts";
import { MemoryTurnBooks } from "./memory-turn-books.ts";

const salt = (at: number) => String(at).padEnd(22, "A");

/** What becomes of requests that all come at once: how many are recorded, and what the others are told. */
async function atOnce(requests: readonly Promise<{ readonly status: number }>[]) {
  const outcomes = await Promise.all(
    requests.map((each) =>
      each.then(
        ({ status }) => String(status),
        (error: unknown) => (error instanceof Failure ? `${error.code}: ${error.message}` : String(error)),
      ),
    ),
  );
  const taken = outcomes.filter((each) => each === "201").length;
  return { taken, told: [...new Set(outcomes.filter((each) => each !== "201"))] };
}

const many = <Item>(number: number, make: (at: number) => Item) => Array.from({ length: number }, (_, at) => make(at));

describe("of one person, where all come at once,", () => {
  it("twenty decisions in a stage are taken, and a rejection all the same", async () => {
    const { promotions, post } = scene();
    const { taken, told } = await atOnce(many(24, (at) => post(request(cora, { salt: salt(at) }))));
    expect(taken).toBe(20);
    expect(told).toEqual([
      "conflict: You have decided 20 times in this stage, and 20 times is what it takes of one person; a rejection is taken all the same.",
    ]);
    expect(promotions.recordedSignOffs()).toHaveLength(20);
    expect((await post(request(cora, { result: "reject", reason: "No.", salt: salt(99) }))).status).toBe(201);
  });

  it("the same decision is one", async () => {
    const { promotions, post } = scene();
    const same = request(cora);
    expect(await atOnce(many(4, () => post(same)))).toEqual({ taken: 1, told: ["200"] });
    expect(promotions.recordedSignOffs()).toHaveLength(1);
  });

  it("ten requests for a loan are taken, with whichever account, and one confirmation of another's", async () => {
    const { lend, loan, parameters } = service();
    const terms = { seconds: 3600, incident: "https://incidents.example/1" };
    const sent = (at: number, who = noor, confirms?: Sha256) =>
      lend(who)(
        apiRequest({
          parameters,
          json: loan(who, {
            terms,
            salt: salt(at),
            ...(confirms === undefined ? {} : { confirms: { sha256: confirms } }),
          }),
        }),
      );
    const asked = await atOnce(many(14, (at) => sent(at, at % 2 === 0 ? noor : noorAgain)));
    expect(asked).toEqual({
      taken: 10,
      told: [
        "conflict: You have signed 10 requests for a loan in this review; no more of yours are taken. You may still confirm another's.",
      ],
    });
    const { json } = await sent(20, kofi);
    const { id: another } = json as { id: Sha256 };
    const confirmed = await atOnce(many(3, (at) => sent(30 + at, at === 1 ? noorAgain : noor, another)));
    expect(confirmed.taken).toBe(1);
    expect(confirmed.told).toEqual([
      "conflict: You are confirming this request at this moment: reload in a minute to see it.",
    ]);
  });

  it("fifty delegations are taken", async () => {
    const { post, delegations } = delegationScene();
    const documents = many(53, (at) => delegationDocument(sam, emil, "sre", { salt: salt(at) }));
    const { taken, told } = await atOnce(
      documents.map((document) => post(routes.delegate, delegationRequest("delegate", { document }))),
    );
    expect(taken).toBe(50);
    expect(told.join()).toContain("You have 50 delegations that are not over");
    expect(delegations.recorded).toHaveLength(50);
  });
});

describe("a turn", () => {
  const own: Turn = { id: "own", by: cora.identity, at: now };
  const full = (others: readonly Turn[]) => {
    if (others.length > 0) throw new Failure("conflict", "It is full.");
  };

  it("is kept by what was cut off before it was recorded, for the same again, and by nothing after a minute", async () => {
    const turns = new MemoryTurnBooks();
    await inTurn(turns, "x", own, full);
    await inTurn(turns, "x", { ...own, at: addSeconds(now, 5) }, full);
    expect(await turns.load("x")).toEqual({ revision: 1, entered: [own] });
    const other = { ...own, id: "other" };
    await expect(inTurn(turns, "x", { ...other, at: addSeconds(now, 59) }, full)).rejects.toThrow("It is full.");
    await inTurn(turns, "y", { ...other, at: addSeconds(now, 59) }, full);
    await inTurn(turns, "x", { ...other, at: addSeconds(now, 60) }, full);
    expect((await turns.load("x"))?.entered.map((each) => each.id)).toEqual(["other"]);
  });

  it("is asked for again where somebody else was entered meanwhile, who is counted then", async () => {
    const turns = new MemoryTurnBooks();
    const late = {
      ...turns,
      move: async (of: string, next: TurnBook) => {
        await inTurn(turns, of, { ...own, id: "quicker" }, full);
        return turns.move(of, next);
      },
    };
    await expect(inTurn(late, "x", own, full)).rejects.toThrow("It is full.");
  });

  it("is entered once where the answer to its entry was lost", async () => {
    const turns = new MemoryTurnBooks();
    const unheard = {
      ...turns,
      move: async (of: string, next: TurnBook) => {
        await turns.move(of, next);
        return "lost" as const;
      },
    };
    await inTurn(unheard, "x", own, full);
    expect((await turns.load("x"))?.entered).toEqual([own]);
  });
});
