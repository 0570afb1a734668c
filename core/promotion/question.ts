import * as v from "valibot";
import { utf8 } from "../encoding/bytes.ts";
import type { Instant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import { compareText } from "../encoding/text-order.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import { type Identity, identityKey, sameIdentity } from "./identity.ts";
import type { PromotionId } from "./promotion-id.ts";

/** Who asks or answers: by name for people to read, by identity for the record. */
export interface Speaker {
  readonly identity: Identity;
  readonly name: string;
  /** The chat that vouches for them, where it is not the identity provider. */
  readonly through?: "Slack";
}

/** A question about a candidate, and its answer once there is one. */
export interface Question {
  readonly id: string;
  readonly by: Speaker;
  readonly at: Instant;
  readonly text: string;
  readonly answer?: { readonly by: Speaker; readonly at: Instant; readonly text: string };
}

/** The longest question or answer, in UTF-16 units, as a text field counts. */
export const longestQuestion = 2000;

const text = v.pipe(
  v.string(),
  v.check((value) => value.trim() !== "", "must not be empty"),
  v.maxLength(longestQuestion, `must be at most ${longestQuestion} characters`),
  // A chat hands in what it was handed, and no record holds half of a surrogate pair.
  v.transform((value) => value.toWellFormed()),
);
const asking = v.strictObject({
  /** The asker's own: the same question again has the same. */
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, dashes or underscores")),
  text,
});
const answering = v.strictObject({ text });

/** Reads the body of a question. Throws `invalid-request` naming every field that is wrong. */
export function parseQuestion(body: unknown): v.InferOutput<typeof asking> {
  return parsed(asking, body);
}

/** Reads the body of an answer. Throws `invalid-request` naming every field that is wrong. */
export function parseAnswer(body: unknown): v.InferOutput<typeof answering> {
  return parsed(answering, body);
}

/** Whether a text names a question: 32 hexadecimal digits. */
export function isQuestionId(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{32}$/.test(text);
}

/** The fact that somebody asked. Its id follows from the asker and their own id, so that asking twice is one question. */
export function questionFact(
  promotion: PromotionId,
  { id, text: asked }: ReturnType<typeof parseQuestion>,
  by: Speaker,
  at: Instant,
): Fact {
  const question = sha256Hex(utf8(`${identityKey(by.identity)} ${id}`)).slice(0, 32);
  return {
    id: questionFactId(promotion, question),
    type: "question",
    at,
    promotion,
    summary: `${by.name} asked a question${by.through === undefined ? "" : ` in ${by.through}`}.`,
    body: { question, text: asked, ...spokenBy(by) },
    attachments: [],
  };
}

/** The fact that a question was answered. A question has one answer: the first stands. */
export function answerFact(promotion: PromotionId, question: string, answer: string, by: Speaker, at: Instant): Fact {
  return {
    id: `${questionFactId(promotion, question)}/answer`,
    type: "answer",
    at,
    promotion,
    summary: `${by.name} answered a question.`,
    body: { question, text: answer, ...spokenBy(by) },
    attachments: [],
  };
}

/** The id of the fact of a question. */
export function questionFactId(promotion: PromotionId, question: string): string {
  return `${promotion}/question/${question}`;
}

/** Whether two facts of one id say the same, whenever they were told. */
export function saysTheSame(a: Fact, b: Fact): boolean {
  const [one, other] = [spokenIn(a), spokenIn(b)];
  return one.text === other.text && sameIdentity(one.by.identity, other.by.identity);
}

/** The questions of a promotion with their answers, the oldest first. */
export function questionsIn(facts: readonly Fact[]): readonly Question[] {
  const answers = new Map(
    facts.filter(({ type }) => type === "answer").map((fact) => [String(fact.body["question"]), spokenIn(fact)]),
  );
  return facts
    .filter(({ type }) => type === "question")
    .map((fact): Question => {
      const id = String(fact.body["question"]);
      const answer = answers.get(id);
      return { id, ...spokenIn(fact), ...(answer === undefined ? {} : { answer }) };
    })
    .toSorted((a, b) => compareText(a.at, b.at) || compareText(a.id, b.id));
}

const spoken = v.object({
  text: v.string(),
  by: v.object({ issuer: v.string(), subject: v.string() }),
  name: v.string(),
});

function spokenBy({ identity, name, through }: Speaker): Fact["body"] {
  const by = { issuer: identity.issuer, subject: identity.subject };
  return { by, name, ...(through === undefined ? {} : { through }) };
}

function spokenIn({ body, at }: Fact): Omit<Question, "id" | "answer"> {
  const said = v.parse(spoken, body);
  return { by: { identity: said.by, name: said.name }, at, text: said.text };
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  return result.output;
}
