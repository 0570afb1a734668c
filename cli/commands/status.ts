import { Command } from "commander";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { promotionLines } from "../promotion-text.ts";
import { readerTokens } from "../readers.ts";
import { apiClient } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";

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
  const { promotion, body } = await fetchPromotion(api, promotionId, token);
  if (options.json) surroundings.print(JSON.stringify(body));
  else for (const line of promotionLines(promotion, surroundings.now(), options.all)) surroundings.print(line);
}
