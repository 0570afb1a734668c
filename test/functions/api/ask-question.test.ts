import { describe, expect, it } from "vitest";
import type { Identity, Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { questionsIn } from "../../../core/promotion/question.ts";
import { askQuestion } from "../../../functions/api/ask-question/handler.ts";
import {
  cora,
  dana,
  everybody,
  id,
  manifest,
  member,
  now,
  promotionInReview,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";

/** Started the run, and holds no role. */
const priya = member("Priya");
const asking = "/v1/promotions/{id}/questions";
const answering = `${asking}/{question}/answer`;

function scene(
  promotion: Promotion = promotionInReview({ startedBy: { address: priya.address } }),
  remembered: readonly Member[] = [...everybody, priya],
  members: readonly Member[] = [...everybody, priya],
) {
  const promotions = new MemoryPromotions([promotion]);
  const turns = new MemoryTurnBooks();
  const as = (who: Member | Identity) =>
    askQuestion({
      now: () => now,
      groups: ["compliance-officers", "lead-data-scientists", "sre"],
      people: [],
      claimsMachine: () => "subject" in who,
      verifyMachine: async () => ("subject" in who ? who : expect.unreachable()),
      verifyPerson: async () => ("name" in who ? { ...who, authenticatedAt: now } : expect.unreachable()),
      directory: memoryDirectory(members),
      shownDirectory: memoryDirectory(remembered),
      promotions,
      turns,
    });
  const ask = (who: Member | Identity, json: unknown = { id: "1", text: "Why?" }) =>
    as(who)(apiRequest({ route: asking, parameters: { id }, json }));
  const answer = (who: Member | Identity, question: string, text = "Because.", of: string = id) =>
    as(who)(apiRequest({ route: answering, parameters: { id: of, question }, json: { text } }));
  const read = (who: Member | Identity, of: string = id) =>
    as(who)(apiRequest({ method: "GET", route: asking, parameters: { id: of } }));
  const asked = async (who: Member = cora) => ((await ask(who)).json as { question: string }).question;
  const told = () => questionsIn(promotions.recordedFacts());
  return { promotions, ask, answer, asked, read, told };
}

describe("a question", () => {
  it("is a record that names who asked", async () => {
    const { promotions, ask, told } = scene();
    expect((await ask(cora)).status).toBe(201);
    expect(told()).toMatchObject([{ by: { name: "Cora", identity: cora.identity }, at: now, text: "Why?" }]);
    expect(promotions.recordedFacts()[0]?.summary).toBe("Cora asked a question.");
  });

  it("asked twice is one, and another under its id is refused", async () => {
    const { ask, told } = scene();
    const [first, again] = [await ask(cora), await ask(cora)];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.json).toEqual(first.json);
    expect((await refused(ask(cora, { id: "1", text: "How?" }))).code).toBe("conflict");
    expect((await ask(dana)).status).toBe(201);
    expect(told()).toHaveLength(2);
  });

  it.each([
    [{ id: "1", text: "  " }, "text must not be empty"],
    [{ id: "1", text: "x".repeat(2001) }, "text must be at most 2000 characters"],
    [{ id: "a b", text: "Why?" }, "id must be 1 to 64"],
    [{ text: "Why?" }, "id is missing"],
  ])("is not taken as %j", async (json, sentence) => {
    const refusal = await refused(scene().ask(cora, json));
    expect(refusal.code).toBe("invalid-request");
    expect(refusal.sentence).toContain(sentence);
  });

  it("is for those who hold a role, and for no pipeline", async () => {
    expect((await refused(scene().ask(priya))).code).toBe("forbidden");
    expect((await refused(scene().ask(manifest.requester))).code).toBe("forbidden");
  });

  it("is not asked once the promotion is decided", async () => {
    const { ask } = scene(promotionInReview({ status: "rejected" }));
    expect((await refused(ask(cora))).code).toBe("not-in-review");
  });

  it("is one of a hundred at most", async () => {
    const { ask } = scene();
    const asker = (at: number) => member(`Reviewer ${at % 10}`, "sre");
    for (let at = 0; at < 100; at += 1) await ask(asker(at), { id: String(at), text: "Why?" });
    expect((await refused(ask(cora))).sentence).toBe("100 questions were asked about it; no more are taken.");
    expect((await ask(asker(99), { id: "99", text: "Why?" })).status).toBe(200);
  });

  it("is one of twenty of one person at most, and others ask all the same", async () => {
    const { ask } = scene();
    for (let at = 0; at < 20; at += 1) await ask(cora, { id: String(at), text: "Why?" });
    const refusal = await refused(ask(cora, { id: "20", text: "Why?" }));
    expect([refusal.code, refusal.sentence]).toEqual([
      "conflict",
      "You have asked 20 questions about it; no more of yours are taken.",
    ]);
    expect((await ask(cora, { id: "19", text: "Why?" })).status).toBe(200);
    expect((await ask(dana)).status).toBe(201);
  });

  it("is counted by person, with whichever account", async () => {
    const again = { ...cora, identity: { ...cora.identity, subject: "cora-again" } };
    const { ask } = scene(undefined, [], [cora, again]);
    for (let at = 0; at < 20; at += 1) await ask(at % 2 === 0 ? cora : again, { id: String(at), text: "Why?" });
    expect((await refused(ask(again, { id: "20", text: "Why?" }))).sentence).toContain("You have asked 20 questions");
  });
});

describe("questions that come at once", () => {
  it("are twenty of one person at most, and as many of another", async () => {
    const { ask, told } = scene();
    const asked = (who: Member) =>
      Array.from({ length: 23 }, (_, at) =>
        ask(who, { id: `${at}`, text: "Why?" }).catch((error: Error) => error.message),
      );
    const outcomes = await Promise.all([...asked(cora), ...asked(dana)]);
    expect(outcomes.filter((each) => typeof each !== "string")).toHaveLength(40);
    expect(outcomes).toContain("You have asked 20 questions about it; no more of yours are taken.");
    expect(told()).toHaveLength(40);
  });

  it("are a hundred in all at most", async () => {
    const { ask, told } = scene();
    const asked = Array.from({ length: 104 }, (_, at) =>
      ask(member(`Reviewer ${at % 10}`, "sre"), { id: `${at}`, text: "Why?" }).catch((error: Error) => error.message),
    );
    expect((await Promise.all(asked)).filter((each) => typeof each === "string")).toEqual(
      Array.from({ length: 4 }, () => "100 questions were asked about it; no more are taken."),
    );
    expect(told()).toHaveLength(100);
  });
});

describe("what was asked", () => {
  const unknown = `p-${"0".repeat(32)}-1`;

  it("is shown to whoever is asked, without a role, and of the promotion nothing but which one it is", async () => {
    const { asked, read } = scene();
    const question = await asked();
    expect((await read(priya)).json).toEqual({
      promotion: id,
      model: manifest.model,
      target: "production",
      status: "in-review",
      questions: [{ id: question, by: "Cora", at: now, text: "Why?" }],
      mayAnswer: true,
    });
  });

  it.each<[string, Member | Identity, boolean]>([
    ["whoever asked", cora, false],
    ["whoever trained the model and holds a role", tom, true],
    ["the pipeline that asked for the promotion", manifest.requester, true],
  ])("is shown to %s", async (_, who, mayAnswer) => {
    const { asked, read } = scene();
    await asked();
    const { json } = await read(who);
    expect(json).toMatchObject({ questions: [{ text: "Why?" }] });
    expect((json as { mayAnswer?: true }).mayAnswer === true).toBe(mayAnswer);
  });

  it("is shown, before anything was, to whoever had a hand in it: how it stands, and why", async () => {
    const { promotions, read } = scene();
    promotions.put(
      promotionInReview({ status: "blocked", reason: "Accuracy is 0.7.", startedBy: { address: priya.address } }),
    );
    expect((await read(priya)).json).toMatchObject({ status: "blocked", reason: "Accuracy is 0.7.", questions: [] });
  });

  it("is shown to nobody else, in words that do not tell whether there is anything", async () => {
    const { asked, read } = scene();
    const outsider = member("Otto");
    const before = await refused(read(outsider));
    await asked();
    expect(before.code).toBe("forbidden");
    for (const refusal of [read(outsider), read(outsider, unknown), read(priya, unknown), read(priya, "x")])
      expect(await refused(refusal)).toEqual(before);
    expect((await refused(read({ ...manifest.requester, subject: "machine/other" }))).code).toBe("not-found");
    expect((await refused(read(cora, unknown))).code).toBe("not-found");
  });
});

describe("an answer", () => {
  it.each<[string, Member | Identity, string]>([
    ["the pipeline that asked for the promotion", manifest.requester, "The pipeline"],
    ["whoever trained the model", tom, "Tom"],
    ["whoever started the run, without a role", priya, "Priya"],
  ])("is given by %s", async (_, who, name) => {
    const { answer, asked, told } = scene();
    expect((await answer(who, await asked())).status).toBe(201);
    expect(told()).toMatchObject([{ text: "Why?", answer: { by: { name }, text: "Because." } }]);
  });

  it("is judged by the directory as it is now, and not as the page remembers it", async () => {
    const { answer, asked, read } = scene(undefined, everybody);
    const question = await asked();
    // The page asks every few seconds, and may show her a moment late what she may do.
    expect((await refused(read(priya))).code).toBe("forbidden");
    expect((await answer(priya, question)).status).toBe(201);
  });

  it("is given once", async () => {
    const { answer, asked } = scene();
    const question = await asked();
    await answer(tom, question);
    expect((await answer(tom, question)).status).toBe(200);
    expect((await refused(answer(tom, question, "Otherwise."))).code).toBe("conflict");
    expect((await refused(answer(manifest.requester, question))).code).toBe("conflict");
  });

  it("is given by nobody else", async () => {
    const { answer, asked } = scene();
    const question = await asked();
    expect(await refused(answer(dana, question))).toEqual({
      code: "forbidden",
      sentence: "A question is answered by whoever had a hand in the candidate, or by its pipeline.",
    });
    const sentence = "You are signed in, but hold no role in any review here.";
    expect(await refused(answer(member("Otto"), question))).toEqual({ code: "forbidden", sentence });
    const stranger = { ...manifest.requester, subject: "machine/other" };
    expect((await refused(answer(stranger, question))).code).toBe("not-found");
  });

  it("of a promotion that is not there is told so to those who may know", async () => {
    const { answer, asked } = scene();
    const question = await asked();
    const other = `p-${"0".repeat(32)}-1`;
    expect((await refused(answer(dana, question, "Because.", other))).code).toBe("not-found");
    expect((await refused(answer(manifest.requester, question, "Because.", other))).code).toBe("not-found");
    expect((await refused(answer(member("Otto"), question, "Because.", other))).code).toBe("forbidden");
  });

  it.each(["0".repeat(32), "x", ""])("is none to a question that was not asked: %j", async (question) => {
    const { answer, asked } = scene();
    await asked();
    expect((await refused(answer(tom, question))).code).toBe("not-found");
  });
});
