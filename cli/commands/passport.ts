import { Command } from "commander";
import { isInstant, msOfInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { outcomeOf } from "../exit-codes.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { requireTokenSource } from "../machine-token.ts";
import { durationOf, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { attempt, patiently } from "../passing-failure.ts";
import { standingSentence } from "../promotion-text.ts";
import { machineTokens } from "../readers.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { pauseAfter } from "../service/patience.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface PassportOptions extends TokenSettings {
  readonly url: string;
  readonly for: string;
  readonly wait?: number;
  readonly json: boolean;
}

const pauseMs = 5_000;
/** A passport is good for five minutes, and there is one at a time. */
const patienceMs = 600_000;

/** `countersign passport ID --for AUDIENCE`: prints the passport and nothing else, for the program that takes it. */
export function passportCommand(surroundings: Surroundings): Command {
  const command = new Command("passport")
    .description("fetch the passport of an approved promotion, for a pipeline that deploys by itself")
    .argument("<id>", "the promotion")
    .requiredOption("--for <audience>", "who is to take the passport: one of the target's audiences")
    .addOption(urlOption())
    .option("--wait <duration>", "wait this long for the approval, such as 90m or 5d", durationOf)
    .option("--json", "print the service's answer as one line of JSON", false)
    .addHelpText("after", "\nIt is good for five minutes and printed to the standard output: do not let a log have it.")
    .action((id: string, options: PassportOptions) => passport(id, options, surroundings));
  for (const option of tokenOptions()) command.addOption(option);
  return command;
}

async function passport(id: string, options: PassportOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const token = requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv);
  const { now, pause, note, print, random } = surroundings;
  const end = msOfInstant(now()) + (options.wait ?? 0);
  for (;;) {
    const fetched = async () => fetchPromotion(api, promotionId, await token());
    const { promotion } = options.wait === undefined ? await fetched() : await patiently(fetched, surroundings);
    if (promotion.status === "deploying") break;
    const sentence = standingSentence(promotion);
    if (outcomeOf(promotion.status) !== undefined)
      throw new Failure("deployment-refused", `There is no passport for it. ${sentence}`);
    const left = end - msOfInstant(now());
    if (left <= 0) throw new Failure("deployment-refused", `There is no passport yet. ${sentence}`);
    note(sentence);
    await pause(Math.min(pauseMs, left));
  }
  // As long as a passport is good, and what may pass may take.
  const patientUntil = Math.max(end, msOfInstant(now()) + patienceMs);
  const body = await granted();
  const given = readAnswer(answers.passport, body);
  note(`The passport for ${options.for} is good until ${given.expiresAt}.`);
  print(options.json ? jsonText(body) : given.passport);

  /** The answer; where one was lost, or time is left to wait, the passport that it brought may have to run out first. */
  async function granted(): Promise<unknown> {
    let lost = false;
    for (;;) {
      try {
        const sent = await attempt(async () => {
          const path = `/v1/promotions/${promotionId}/passport`;
          return { body: bodyOf(await api.post(path, { audience: options.for }, await token())) };
        });
        if ("body" in sent) return sent.body;
        if (lost && msOfInstant(now()) >= patientUntil) throw sent.failure;
        if (!lost) note(`${sent.failure.message} Trying again.`);
        lost = true;
        await pause(pauseAfter(sent.failure, pauseMs, random));
      } catch (error) {
        // Until when the one passport that there may be is good.
        const until = error instanceof Failure ? error.until : undefined;
        const left = isInstant(until) ? msOfInstant(until) - msOfInstant(now()) : 0;
        if (!isInstant(until) || !(lost || msOfInstant(until) <= end) || msOfInstant(now()) >= patientUntil)
          throw error;
        note(`A passport was issued whose answer nobody has: waiting until ${until} for the next one.`);
        await pause(Math.max(left, 1000));
      }
    }
  }
}
