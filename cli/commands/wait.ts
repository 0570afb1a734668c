import { Command } from "commander";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import {
  durationOf,
  type SignInSettings,
  signInOptions,
  type TokenSettings,
  tokenOptions,
  urlOption,
} from "../options.ts";
import { attempt } from "../passing-failure.ts";
import { exitCodeOf, standingSentence, timeText } from "../promotion-text.ts";
import { readerTokens } from "../readers.ts";
import { apiClient } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";

interface WaitOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly signIn: boolean;
  readonly json: boolean;
  readonly timeout?: number;
}

const exitCodes = `
Exit codes:
  0  deployed
  2  blocked: a gate, an unreachable quorum or the last verification stopped it
  3  rejected by a reviewer
  4  expired before everybody had signed
  5  withdrawn, or superseded by a newer candidate
  6  rolled back, or restricted after its deployment
  7  failed
  8  --timeout passed; the promotion goes on
  1  wrong usage, or the service cannot be reached or refuses`;

const shortestPauseMs = 2_000;
const longestPauseMs = 30_000;
/** At the longest pause this is about ten minutes without one good answer. */
const mostFailures = 24;

/** `countersign wait ID`: until the promotion has come to an end. */
export function waitCommand(surroundings: Surroundings): Command {
  const command = new Command("wait")
    .description("wait until a promotion has come to an end, and say how")
    .argument("<id>", "the promotion")
    .addOption(urlOption())
    .option(
      "--timeout <duration>",
      "stop waiting after this long, such as 90m or 5d (default: when it ends)",
      durationOf,
    )
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--json", "print the service's last answer as one line of JSON", false)
    .addHelpText("after", exitCodes)
    .action((id: string, options: WaitOptions) => wait(id, options, surroundings));
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function wait(id: string, options: WaitOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const tokens = await readerTokens(api, options, surroundings);
  const { now, pause, note, print } = surroundings;
  const end = options.timeout === undefined ? Number.POSITIVE_INFINITY : msOfInstant(now()) + options.timeout;
  let said: string | undefined;
  let pauseMs = shortestPauseMs;
  let failures = 0;
  for (;;) {
    const fetched = await attempt(async () => fetchPromotion(api, promotionId, await tokens()));
    if ("failure" in fetched) {
      failures += 1;
      if (failures === mostFailures) throw fetched.failure;
      if (failures === 1) note(`${fetched.failure.message} Trying again.`);
    } else {
      failures = 0;
      const { promotion, body } = fetched;
      const sentence = standingSentence(promotion);
      if (sentence !== said) {
        const line = `${timeText(now())}  ${sentence}`;
        if (options.json) note(line);
        else print(line);
        pauseMs = shortestPauseMs;
        said = sentence;
      }
      const code = exitCodeOf(promotion.status);
      if (code !== undefined) {
        if (options.json) print(JSON.stringify(body));
        return surroundings.exitWith(code);
      }
    }
    const left = end - msOfInstant(now());
    if (left <= 0) {
      note("The wait is over; the promotion is not.");
      return surroundings.exitWith(8);
    }
    await pause(Math.min(pauseMs, left));
    pauseMs = Math.min(longestPauseMs, Math.round(pauseMs * 1.5));
  }
}
