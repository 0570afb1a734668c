import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import {
  answerFact,
  isQuestionId,
  longestQuestion,
  parseAnswer,
  parseQuestion,
  questionFact,
  questionFactId,
  questionsIn,
  type Speaker,
  saysTheSame,
} from "../../../core/promotion/question.ts";
import { codeOf } from "../refusal.ts";
import { cora, dana, id, now } from "./promotion-in-review.ts";

const asker: Speaker = { identity: cora.identity, name: "Cora" };
const answerer: Speaker = { identity: dana.identity, name: "Dana" };
const asked = questionFact(id, { id: "q-1", text: "Why so late?" }, asker, now);
const question = String(asked.body["question"]);

describe("a question about a candidate", () => {
  it("is read with the asker's own id", () => {
    expect(parseQuestion({ id: "q-1", text: "Why?" })).toEqual({ id: "q-1", text: "Why?" });
    const longest = { id: `${"a".repeat(63)}_`, text: "x".repeat(longestQuestion) };
    expect(parseQuestion(longest)).toEqual(longest);
    expect(parseAnswer({ text: "Because." })).toEqual({ text: "Because." });
    // No record holds half of a character.
    expect(parseAnswer({ text: "Because \ud83d" })).toEqual({ text: "Because \ufffd" });
  });

  it.each([
    ["no body", null],
    ["no id", { text: "Why?" }],
    ["an empty id", { id: "", text: "Why?" }],
    ["an id that is too long", { id: "a".repeat(65), text: "Why?" }],
    ["an id with something else", { id: "a b", text: "Why?" }],
    ["no text", { id: "q" }],
    ["an empty text", { id: "q", text: " \n " }],
    ["a text that is too long", { id: "q", text: "x".repeat(longestQuestion + 1) }],
    ["more", { id: "q", text: "Why?", more: 1 }],
  ])("is refused with %s", (_, body) => {
    expect(codeOf(() => parseQuestion(body)).code).toBe("invalid-request");
  });

  it("is refused in words that name what is wrong", () => {
    const sentence = (body: unknown) => codeOf(() => parseQuestion(body)).sentence;
    expect(sentence({ id: "a b", text: "Why?" })).toContain("must be 1 to 64 letters, digits, dashes or underscores");
    expect(sentence({ id: "q", text: "" })).toContain("must not be empty");
    expect(sentence({ id: "q", text: "x".repeat(2001) })).toContain("must be at most 2000 characters");
    expect(codeOf(() => parseAnswer({ text: "Because.", id: "q" })).code).toBe("invalid-request");
  });

  it("is one fact however often it is asked, and another's is another", () => {
    expect(isQuestionId(question)).toBe(true);
    expect(asked).toEqual({
      id: questionFactId(id, question),
      type: "question",
      at: now,
      promotion: id,
      summary: "Cora asked a question.",
      body: { question, text: "Why so late?", by: cora.identity, name: "Cora" },
      attachments: [],
    });
    expect(questionFact(id, { id: "q-1", text: "Other words" }, asker, now).id).toBe(asked.id);
    expect(questionFact(id, { id: "q-2", text: "Why so late?" }, asker, now).id).not.toBe(asked.id);
    expect(questionFact(id, { id: "q-1", text: "Why so late?" }, answerer, now).id).not.toBe(asked.id);
  });

  it("says through which chat it came", () => {
    const through = questionFact(id, { id: "q-1", text: "Why?" }, { ...asker, through: "Slack" }, now);
    expect(through.summary).toBe("Cora asked a question in Slack.");
    expect(through.body["through"]).toBe("Slack");
  });

  it("is told from other words by its id", () => {
    expect(isQuestionId("a".repeat(32))).toBe(true);
    for (const other of [
      "a".repeat(31),
      "a".repeat(33),
      "A".repeat(32),
      `${"a".repeat(32)}\n`,
      `x${"a".repeat(32)}`,
      7,
      null,
    ])
      expect(isQuestionId(other)).toBe(false);
  });
});

describe("an answer", () => {
  const answeredByDana = () => answerFact(id, question, "It burned.", answerer, addSeconds(now, 60));

  it("is a fact of its own", () => {
    expect(answeredByDana()).toEqual({
      id: `${questionFactId(id, question)}/answer`,
      type: "answer",
      at: addSeconds(now, 60),
      promotion: id,
      summary: "Dana answered a question.",
      body: { question, text: "It burned.", by: dana.identity, name: "Dana" },
      attachments: [],
    });
  });

  it("stands beside its question, and beside no other", () => {
    const other = questionFact(id, { id: "q-2", text: "And now?" }, asker, addSeconds(now, -60));
    expect(questionsIn([asked, answeredByDana(), other])).toEqual([
      { id: other.body["question"], by: asker, at: addSeconds(now, -60), text: "And now?" },
      {
        ...{ id: question, by: asker, at: now, text: "Why so late?" },
        answer: { by: answerer, at: addSeconds(now, 60), text: "It burned." },
      },
    ]);
    expect(questionsIn([answeredByDana()])).toEqual([]);
  });

  it("leaves questions of one instant in one order", () => {
    const facts = ["a", "b", "c"].map((own) => questionFact(id, { id: own, text: "?" }, asker, now));
    const ids = (of: typeof facts) => questionsIn(of).map(({ id: own }) => own);
    expect(ids(facts)).toEqual(ids(facts).toSorted());
    expect(ids(facts.toReversed())).toEqual(ids(facts));
  });

  it("is the same where the same person says the same, whenever", () => {
    const again = answerFact(id, question, "It burned.", { ...answerer, name: "D." }, now);
    expect(saysTheSame(answeredByDana(), again)).toBe(true);
    expect(saysTheSame(answeredByDana(), answerFact(id, question, "It rained.", answerer, now))).toBe(false);
    expect(saysTheSame(answeredByDana(), answerFact(id, question, "It burned.", asker, now))).toBe(false);
  });
});
