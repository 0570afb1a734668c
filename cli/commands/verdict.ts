import { Command } from "commander";
import { promotionIdOf } from "../fetch-promotion.ts";
import { requireTokenSource } from "../machine-token.ts";
import { type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { machineTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface VerdictOptions extends TokenSettings {
  readonly url: string;
  readonly target: string;
  readonly verdict: string;
  readonly image: string;
  readonly model: string;
  readonly json: boolean;
}

const help = `
For whoever lets a candidate run and asks before, such as a hook of Argo CD. The service holds the verdict against its
signature, the target and the digests again.

Exit codes: 0 it holds, and exactly this may run; 1 it does not; 12 nobody could be asked, so nothing may run.`;

/** `countersign verdict ID`: whether a verdict still allows what is about to run. */
export function verdictCommand(surroundings: Surroundings): Command {
  const command = new Command("verdict")
    .description("ask whether the verdict over a promotion still allows what is about to run")
    .argument("<id>", "the promotion")
    .requiredOption("--target <name>", "where it is to run")
    .requiredOption("--verdict <sha256>", "digest of the verdict under which it is to run")
    .requiredOption("--image <image>", "the image that is to run, by its digest")
    .requiredOption("--model <sha256>", "digest of the model artifact that is to run")
    .addOption(urlOption())
    .option("--json", "print the service's answer as one line of JSON", false)
    .addHelpText("after", help)
    .action((id: string, options: VerdictOptions) => verdict(id, options, surroundings));
  for (const option of tokenOptions()) command.addOption(option);
  return command;
}

async function verdict(id: string, options: VerdictOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const token = requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv);
  const { target, verdict: digest, image, model } = options;
  const query = new URLSearchParams({ target, verdict: digest, image, model });
  const asked = await api.get(`/v1/promotions/${promotionId}/verdict?${query}`, await token());
  const body = bodyOf(asked);
  const { model: name, version } = readAnswer(answers.verdict, body);
  const sentence = `The verdict holds: ${name} ${version} may run in ${target}.`;
  surroundings.print(options.json ? jsonText(body) : sentence);
}
