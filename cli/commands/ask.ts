import { Command } from "commander";
import { utf8 } from "../../core/encoding/bytes.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface AskOptions extends SignInSettings {
  readonly url: string;
  readonly json: boolean;
}

/** `countersign ask ID TEXT`: a reviewer asks those who made the candidate. It decides nothing, so one sign-in is enough. */
export function askCommand(surroundings: Surroundings): Command {
  const command = new Command("ask")
    .description("ask those who made the candidate something; it is recorded under your name and decides nothing")
    .argument("<id>", "the promotion")
    .argument("<text>", "the question")
    .addOption(urlOption())
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, text: string, options: AskOptions) => ask(id, text, options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function ask(id: string, text: string, options: AskOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const service = await describedService(apiClient(options.url), surroundings);
  const { idToken } = await signIn(service, { kind: "reading" }, options, surroundings);
  // Of the text: asking the same again, where nobody knows whether it arrived, is one question.
  const own = sha256Hex(utf8(text)).slice(0, 32);
  const body = bodyOf(await service.api.post(`/v1/promotions/${promotionId}/questions`, { id: own, text }, idToken));
  const { question } = readAnswer(answers.question, body);
  surroundings.print(options.json ? jsonText(body) : question);
  surroundings.note("Asked. Whoever had a hand in the candidate is told, and 'show' lists the answer.");
}
