import { personOf } from "../../../core/approval/entitlement.ts";
import type { Person } from "../../../core/approval/people.ts";
import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, identityKey, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import {
  answerFact,
  isQuestionId,
  parseAnswer,
  parseQuestion,
  questionFactId,
  type Speaker,
} from "../../../core/promotion/question.ts";
import { makersOf } from "../../people/makers.ts";
import { type QuestionPorts, recordQuestion, type Said, sayOnce } from "../../review/questions.ts";
import { type Answer, type ApiRequest, bearerToken, jsonBody } from "../http.ts";
import { holdsRole, noRole, type ReaderPorts, readerOf } from "../readers.ts";
import { shownQuestions } from "../shown-questions.ts";
import type { AskedQuestions } from "./view.ts";

const largestBody = 16 * 1024;

interface Directory {
  everybody(groups: readonly string[]): Promise<readonly Member[]>;
}

export interface AskQuestionPorts extends ReaderPorts {
  readonly people: readonly Person[];
  /** As it is now: whoever answers is judged by it. */
  readonly directory: Directory;
  /** As it was a moment ago, for what only shows. */
  readonly shownDirectory: Directory;
  readonly turns: QuestionPorts["turns"];
  readonly promotions: QuestionPorts["promotions"] & { load(id: PromotionId): Promise<Promotion | undefined> };
}

/**
 * GET /v1/promotions/{id}/questions: what was asked, for whoever is asked and may see no more of the promotion than that,
 * and for its readers. POST: a reviewer asks those who made the candidate. POST …/questions/{question}/answer:
 * one of them answers, or the pipeline that asked for the promotion. Neither decides anything; both are records.
 */
export function askQuestion(ports: AskQuestionPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    switch (`${http.method} ${http.route}`) {
      case "GET /v1/promotions/{id}/questions":
        return { status: 200, json: await asked(http) };
      case "POST /v1/promotions/{id}/questions":
        return ask(http);
      case "POST /v1/promotions/{id}/questions/{question}/answer":
        return answer(http);
      default:
        throw new Failure("not-found", "There is nothing at this address.");
    }
  };

  async function asked(http: ApiRequest): Promise<AskedQuestions> {
    const speaker = await speakerOf(http);
    if ("machine" in speaker) {
      const promotion = await loaded(http);
      pipelineOf(promotion, speaker.machine);
      return told(promotion, await ports.promotions.factsUnder(promotion.id, "question"), true);
    }
    const { person } = speaker;
    const holds = holdsRole(person, ports);
    // Whoever holds no role learns of nothing but how what they had a hand in stands, not even that there is anything else.
    const promotion = holds ? await loaded(http) : await found(http);
    if (promotion === undefined) throw noRole();
    const isMaker = await isMakerOf(promotion, person.identity, ports.shownDirectory);
    if (!holds && !isMaker) throw noRole();
    return told(promotion, await ports.promotions.factsUnder(promotion.id, "question"), isMaker);
  }

  async function ask(http: ApiRequest): Promise<Answer> {
    const reader = await readerOf(http, ports, "acts");
    if (reader.kind === "machine") throw new Failure("forbidden", "Reviewers ask; a pipeline only answers.");
    const { identity, name } = reader.person;
    const promotion = await loaded(http);
    const asked = parseQuestion(jsonBody(http, largestBody));
    const keyOf = personOf(await ports.directory.everybody(ports.groups), ports.people);
    return answered(await recordQuestion(promotion, asked, { identity, name }, keyOf, ports));
  }

  async function answer(http: ApiRequest): Promise<Answer> {
    const speaker = await speakerOf(http);
    const holds = "machine" in speaker || holdsRole(speaker.person, ports);
    const promotion = holds ? await loaded(http) : await found(http);
    if (promotion === undefined) throw noRole();
    const by = "machine" in speaker ? pipelineOf(promotion, speaker.machine) : await makerOf(promotion, speaker.person);
    const { question } = http.parameters;
    const facts = await ports.promotions.factsUnder(promotion.id, "question");
    if (!isQuestionId(question) || !facts.some(({ id }) => id === questionFactId(promotion.id, question)))
      throw new Failure("not-found", "There is no such question.");
    const { text } = parseAnswer(jsonBody(http, largestBody));
    const fact = answerFact(promotion.id, question, text, by, ports.now());
    const known = facts.find(({ id }) => id === fact.id);
    return answered(await sayOnce(fact, known, "The question was answered before; ask another one.", ports));
  }

  async function speakerOf(http: ApiRequest) {
    const token = bearerToken(http);
    return ports.claimsMachine(token)
      ? { machine: await ports.verifyMachine(token) }
      : {
          person: await ports.verifyPerson(token, {
            now: ports.now(),
            ...(http.method === "GET" ? {} : { acts: true }),
          }),
        };
  }

  async function found({ parameters: { id } }: ApiRequest): Promise<Promotion | undefined> {
    return isPromotionId(id) ? ports.promotions.load(id) : undefined;
  }

  async function loaded(http: ApiRequest): Promise<Promotion> {
    const promotion = await found(http);
    if (promotion === undefined) throw new Failure("not-found", "There is no such promotion.");
    return promotion;
  }

  /** The pipeline, where it is the one that asked for the promotion; for any other the promotion is not there. */
  function pipelineOf({ manifest: { requester } }: Promotion, identity: Identity): Speaker {
    if (!sameIdentity(requester, identity)) throw new Failure("not-found", "There is no such promotion.");
    return { identity, name: "The pipeline" };
  }

  /** Somebody who had a hand in the candidate, whether or not they hold a role. */
  async function makerOf(promotion: Promotion, person: ReviewerClaims): Promise<Speaker> {
    const { identity, name } = person;
    if (await isMakerOf(promotion, identity, ports.directory)) return { identity, name };
    if (!holdsRole(person, ports)) throw noRole();
    throw new Failure(
      "forbidden",
      "A question is answered by whoever had a hand in the candidate, or by its pipeline.",
    );
  }

  async function isMakerOf(promotion: Promotion, identity: Identity, directory: Directory): Promise<boolean> {
    const members = await directory.everybody(ports.groups);
    return makersOf(promotion, members, ports.people).has(identityKey(identity));
  }
}

function told({ id, manifest, status, reason }: Promotion, facts: readonly Fact[], mayAnswer: boolean): AskedQuestions {
  return {
    promotion: id,
    model: manifest.model,
    target: manifest.target.name,
    status,
    ...(reason === undefined ? {} : { reason }),
    questions: shownQuestions(facts),
    ...(mayAnswer ? { mayAnswer } : {}),
  };
}

function answered({ first, fact: { body, promotion, at } }: Said): Answer {
  return { status: first ? 201 : 200, json: { promotion, question: body["question"], at } };
}
