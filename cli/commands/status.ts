import { Command } from "commander";
import { promotionIdOf, shownPromotion } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { askedLines, promotionLines } from "../promotion-text.ts";
import { readerTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf, type Reply } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface StatusOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly signIn: boolean;
  readonly json: boolean;
  readonly all: boolean;
}

/** `countersign status ID`, or `show`: where a promotion stands and why. */
export function statusCommand(surroundings: Surroundings): Command {
  const command = new Command("status")
    .alias("show")
    .description("show where a promotion stands and why: its approval, its gates, what was asked, what happened")
    .argument("<id>", "the promotion")
    .addOption(urlOption())
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--all", "show every gate, also those that pass beside some that do not", false)
    .option("--json", "print the service's whole answer as one line of JSON", false)
    .action((id: string, options: StatusOptions) => status(id, options, surroundings));
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function status(id: string, options: StatusOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const token = await (await readerTokens(api, options, surroundings))();
  const reply = await api.get(`/v1/promotions/${promotionId}`, token);
  // Whoever had a hand in the candidate and holds no role is shown how it stands, and what they are asked.
  const asked = isForbidden(reply) ? await api.get(`/v1/promotions/${promotionId}/questions`, token) : undefined;
  if (asked?.kind === "answer") {
    const questions = readAnswer(answers.askedQuestions, asked.body);
    print(asked.body, askedLines(questions));
  } else {
    const { promotion, body } = shownPromotion(promotionId, bodyOf(reply));
    print(body, promotionLines(promotion, surroundings.now(), options.all));
  }

  function print(body: unknown, lines: readonly string[]): void {
    if (options.json) surroundings.print(jsonText(body));
    else for (const line of lines) surroundings.print(line);
  }
}

function isForbidden(reply: Reply): boolean {
  return reply.kind === "problem" && reply.code === "forbidden";
}
