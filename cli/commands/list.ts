import { Command, InvalidArgumentError, Option } from "commander";
import { statuses } from "../../core/promotion/promotion.ts";
import { type SignInSettings, signInOptions, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { readerTokens } from "../readers.ts";
import type { ListedPromotion } from "../service/answers.ts";
import { apiClient } from "../service/api-client.ts";
import { listedPromotions, mostIdlePages, unreadableSentence } from "../service/listed-promotions.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine, timeText } from "../terminal-text.ts";

interface ListOptions extends TokenSettings, SignInSettings {
  readonly url: string;
  readonly signIn: boolean;
  readonly model?: string;
  readonly target?: string;
  readonly status: string;
  readonly person?: string;
  readonly most: number;
  readonly json: boolean;
}

/** `countersign list`: the promotions there are, the newest first. */
export function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("list promotions with their ids and where they stand, the newest first; a CI job sees its own alone")
    .addOption(urlOption())
    .option("--model <name>", "those of one model")
    .option("--target <name>", "those for one target (default: any; with --model, production)")
    .addOption(new Option("--status <status>", "those that stand so").choices(["any", ...statuses]).default("any"))
    .option("--person <text>", "those that somebody asked for, had a hand in or signed; a person alone may ask")
    .option("--most <number>", "so many at most", countOf, 50)
    .option("--sign-in", "sign in as a person even where there is a CI token", false)
    .option("--json", "print one line of JSON for each", false)
    .action((options: ListOptions) => list(options, surroundings));
  for (const option of [...tokenOptions(), ...signInOptions()]) command.addOption(option);
  return command;
}

async function list(options: ListOptions, surroundings: Surroundings): Promise<void> {
  const { model, target, status, person, most, json } = options;
  const api = apiClient(options.url);
  const tokens = await readerTokens(api, options, surroundings);
  const query = {
    status,
    ...(model === undefined ? {} : { model }),
    ...(target === undefined ? {} : { target }),
    ...(person === undefined ? {} : { person }),
  };
  const { promotions, unreadable, more } = await listedPromotions(api, tokens, query, most);
  for (const each of promotions) surroundings.print(json ? jsonText(each) : textLine(each));
  const broken = unreadableSentence(unreadable);
  if (broken !== undefined) surroundings.note(broken);
  if (promotions.length > 0 && more)
    surroundings.note(`There may be more than these ${promotions.length}; --most says how many to list.`);
  else if (more) surroundings.note(`None were found in the ${mostIdlePages} pages that were looked at.`);
  else if (promotions.length === 0 && broken === undefined) surroundings.note("There are none.");
}

function textLine({ id, submittedAt, status, model, target }: ListedPromotion): string {
  return `${id}  ${timeText(submittedAt)}  ${status.padEnd(11)}  ${oneLine(model.name)} ${oneLine(model.version)} for ${oneLine(target)}`;
}

function countOf(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1 to 99999.");
  return Number(text);
}
