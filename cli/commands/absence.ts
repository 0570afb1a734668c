import { Command, Option } from "commander";
import { Failure } from "../../core/failure.ts";
import { type Moment, momentOf } from "../delegation/moment.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, timeText } from "../terminal-text.ts";

interface AbsenceOptions extends SignInSettings {
  readonly url: string;
  readonly until?: Moment;
  readonly back?: true;
  readonly json: boolean;
}

/** `countersign absence`: you are away and not asked, or back. It changes nobody's rights, so one sign-in is enough. */
export function absenceCommand(surroundings: Surroundings): Command {
  const command = new Command("absence")
    .description("say that you are away and not to be asked, or that you are back")
    .addOption(urlOption())
    .addOption(
      new Option("--until <time>", "excluding that time: a day, a time with its zone, or a duration such as 5d")
        .argParser(momentOf)
        .conflicts("back"),
    )
    .option("--back", "you are not away any more")
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((options: AbsenceOptions) => absence(options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function absence(options: AbsenceOptions, surroundings: Surroundings): Promise<void> {
  if (options.until === undefined && options.back !== true)
    throw new Failure("invalid-request", "Say --until when you are away, or that you are --back.");
  const service = await describedService(apiClient(options.url), surroundings);
  const now = service.now();
  const until = options.until?.(now) ?? now;
  if (options.until !== undefined && until <= now)
    throw new Failure("invalid-request", "That is over already; say --back where you are not away any more.");
  const { idToken } = await signIn(service, { kind: "reading" }, options, surroundings);
  const body = bodyOf(await service.api.post("/v1/absence", { until }, idToken));
  const { until: taken } = readAnswer(answers.absence, body);
  if (options.json) surroundings.print(jsonText(body));
  else surroundings.print(options.back === true ? "You are back." : `You are away until ${timeText(taken)}.`);
}
