import { Command } from "commander";
import { Failure } from "../../core/failure.ts";
import { isQuestionId } from "../../core/promotion/question.ts";
import { promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { readerTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface AnswerOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly signIn: boolean;
  readonly json: boolean;
}

/** `countersign answer ID QUESTION TEXT`: whoever had a hand in the candidate answers, or the pipeline that asked for it. */
export function answerCommand(surroundings: Surroundings): Command {
  const command = new Command("answer")
    .description("answer a reviewer's question, as somebody who made the candidate or as its pipeline")
    .argument("<id>", "the promotion")
    .argument("<question>", "the question's id, as 'show' lists it")
    .argument("<text>", "the answer; the first stands")
    .addOption(urlOption())
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, question: string, text: string, options: AnswerOptions) =>
      answer({ id, question, text }, options, surroundings),
    );
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function answer(
  { id, question, text }: { readonly id: string; readonly question: string; readonly text: string },
  options: AnswerOptions,
  surroundings: Surroundings,
): Promise<void> {
  const promotionId = promotionIdOf(id);
  if (!isQuestionId(question))
    throw new Failure("invalid-request", "A question's id is 32 hexadecimal digits; 'show' lists them.");
  const api = apiClient(options.url);
  const token = await (await readerTokens(api, options, surroundings))();
  const body = bodyOf(await api.post(`/v1/promotions/${promotionId}/questions/${question}/answer`, { text }, token));
  readAnswer(answers.question, body);
  if (options.json) surroundings.print(jsonText(body));
  surroundings.note("Answered. Whoever asked is told.");
}
