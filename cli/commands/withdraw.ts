import { Command } from "commander";
import { promotionIdOf } from "../fetch-promotion.ts";
import { requireTokenSource } from "../machine-token.ts";
import { type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { machineTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface WithdrawOptions extends TokenSettings {
  readonly url: string;
  readonly json: boolean;
}

/** `countersign withdraw ID`: the pipeline that asked takes its request back. */
export function withdrawCommand(surroundings: Surroundings): Command {
  const command = new Command("withdraw")
    .description("take a request for a promotion back, as the pipeline that asked for it, until the deployment begins")
    .argument("<id>", "the promotion")
    .addOption(urlOption())
    .option("--json", "print the service's answer as one line of JSON", false)
    .addHelpText("after", "\nDoing it again changes nothing. What a reviewer takes back is 'sign-off --withdraw'.")
    .action((id: string, options: WithdrawOptions) => withdraw(id, options, surroundings));
  for (const option of tokenOptions()) command.addOption(option);
  return command;
}

async function withdraw(id: string, options: WithdrawOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const token = requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv);
  const body = bodyOf(await api.post(`/v1/promotions/${promotionId}/withdrawal`, {}, await token()));
  const { status } = readAnswer(answers.withdrawn, body);
  surroundings.print(options.json ? jsonText(body) : `The promotion is ${status}.`);
}
