import { Command, Option } from "commander";
import { type ReportedOutcome, reportedOutcomes } from "../../core/promotion/deployment-report.ts";
import { promotionIdOf } from "../fetch-promotion.ts";
import { requireTokenSource } from "../machine-token.ts";
import { type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { machineTokens } from "../readers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface ReportOptions extends TokenSettings {
  readonly url: string;
  readonly outcome: ReportedOutcome;
  readonly detail: string;
  readonly json: boolean;
}

/** `countersign report-deployment ID`: what came of the deployment that the pipeline made by itself. */
export function reportDeploymentCommand(surroundings: Surroundings): Command {
  const command = new Command("report-deployment")
    .description("say what came of a deployment that the pipeline made by itself")
    .argument("<id>", "the promotion")
    .addOption(
      new Option("--outcome <outcome>", "failed: nobody knows what runs there now")
        .choices([...reportedOutcomes])
        .makeOptionMandatory(),
    )
    .requiredOption("--detail <sentence>", "what happened, in a sentence for people")
    .addOption(urlOption())
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, options: ReportOptions) => report(id, options, surroundings));
  for (const option of tokenOptions()) command.addOption(option);
  return command;
}

async function report(id: string, options: ReportOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const token = requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv);
  const { outcome, detail } = options;
  const body = bodyOf(await api.post(`/v1/promotions/${promotionId}/deployment`, { outcome, detail }, await token()));
  surroundings.print(options.json ? jsonText(body) : `Reported: ${outcome}.`);
}
