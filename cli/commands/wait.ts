import { Command } from "commander";
import { msOfInstant } from "../../core/encoding/instant.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { exitCodes, type Outcome, outcomeOf, outcomeWords } from "../exit-codes.ts";
import { type FetchedPromotion, fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import {
  durationOf,
  type SignInSettings,
  signInOptions,
  type TokenSettings,
  tokenOptions,
  urlOption,
} from "../options.ts";
import { attempt } from "../passing-failure.ts";
import { nextStepLines, standingSentence } from "../promotion-text.ts";
import { readerTokens } from "../readers.ts";
import { apiClient } from "../service/api-client.ts";
import { pauseAfter } from "../service/patience.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, timeText } from "../terminal-text.ts";

interface WaitOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly signIn: boolean;
  readonly json: boolean;
  readonly throughLoan: boolean;
  readonly timeout?: number;
}

/** Ordered by number, as one looks them up. */
const exitCodeHelp = [
  "",
  "Exit codes:",
  ...(Object.entries(exitCodes) as [Outcome, number][]).map(
    ([outcome, code]) => `  ${String(code).padStart(2)}  ${outcome}: ${outcomeWords[outcome]}`,
  ),
].join("\n");

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
      "stop waiting after this long, such as 90m or 5d, once you are signed in (default: when it ends)",
      durationOf,
    )
    .option("--through-loan", "where it runs on loan, wait until the loan is ratified or taken back", false)
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--json", "print the service's last answer as one line of JSON, whichever way the wait ends", false)
    .addHelpText("after", exitCodeHelp)
    .action((id: string, options: WaitOptions) => wait(id, options, surroundings));
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function wait(id: string, options: WaitOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  const tokens = await readerTokens(api, options, surroundings);
  const { now, pause, note, print, random } = surroundings;
  const end = options.timeout === undefined ? Number.POSITIVE_INFINITY : msOfInstant(now()) + options.timeout;
  let last: FetchedPromotion | undefined;
  let said: string | undefined;
  let pauseMs = shortestPauseMs;
  let failures = 0;
  const endWith = (outcome: Outcome) => {
    if (options.json && last !== undefined) print(jsonText(last.body));
    if (last !== undefined) for (const line of nextStepLines(last.promotion)) note(line);
    surroundings.exitWith(exitCodes[outcome]);
  };
  const forget = surroundings.onInterrupt(() => {
    if (options.json && last !== undefined) print(jsonText(last.body));
    note(`No longer waiting; the promotion goes on. ${again(promotionId)}`);
  });
  try {
    for (;;) {
      const fetched = await attempt(async () => fetchPromotion(api, promotionId, await tokens()));
      if ("failure" in fetched) {
        failures += 1;
        if (failures === mostFailures) {
          note(`${fetched.failure.message} ${again(promotionId)}`);
          return endWith("unreachable");
        }
        if (failures === 1) note(`${fetched.failure.message} Trying again.`);
      } else {
        failures = 0;
        last = fetched;
        const sentence = standingSentence(fetched.promotion);
        if (sentence !== said) {
          const line = `${timeText(now())}  ${sentence}`;
          if (options.json) note(line);
          else print(line);
          pauseMs = shortestPauseMs;
          said = sentence;
        }
        const outcome = outcomeOf(fetched.promotion.status);
        if (outcome !== undefined && !(outcome === "loaned" && options.throughLoan)) return endWith(outcome);
      }
      const left = end - msOfInstant(now());
      if (left <= 0) {
        // Of a service that is away nobody knows whether the promotion is over.
        const over =
          "failure" in fetched
            ? `The wait is over. ${fetched.failure.message}`
            : "The wait is over; the promotion is not.";
        note(`${over} ${again(promotionId)}`);
        return endWith("timeout");
      }
      const next = "failure" in fetched ? pauseAfter(fetched.failure, pauseMs, random) : pauseMs;
      await pause(Math.min(next, left));
      pauseMs = Math.min(longestPauseMs, Math.round(pauseMs * 1.5));
    }
  } finally {
    forget();
  }
}

function again(id: PromotionId): string {
  return `Wait again with: countersign wait ${id}`;
}
