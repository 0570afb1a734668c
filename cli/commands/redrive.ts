import { Command } from "commander";
import { Failure } from "../../core/failure.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import { readAnswer } from "../service/answers.ts";
import { type ApiClient, apiClient, bodyOf } from "../service/api-client.ts";
import {
  discarded as discardedAnswer,
  redriven as redrivenAnswer,
  undelivered as undeliveredAnswer,
} from "../service/notification-answers.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine, timeText } from "../terminal-text.ts";

interface RedriveOptions extends SignInSettings {
  readonly url: string;
  readonly list: boolean;
  readonly json: boolean;
  readonly discard?: string;
  readonly reason?: string;
}

/** A queue that goes on filling while it is emptied must not keep the command for ever. */
const mostRounds = 100;
/** What stands in the place of a promotion where something is about none. */
const ofNone = "no promotion";

/** `countersign redrive`: what people could not be told is tried once more, with `--list` only shown, or one of it given up. */
export function redriveCommand(surroundings: Surroundings): Command {
  const command = new Command("redrive")
    .description("have it tried again to tell people what could not be sent; for operators")
    .addOption(urlOption())
    .option("--list", "only list what people could not be told, and why", false)
    .option("--json", "print the service's answers as lines of JSON", false)
    .option("--discard <message>", "give up the one of this id, as --list shows it; it is a record who did, and why")
    .option("--reason <text>", "why it is given up")
    .action((options: RedriveOptions) => redrive(options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function redrive(options: RedriveOptions, surroundings: Surroundings): Promise<void> {
  const { discard, reason } = options;
  if ((discard === undefined) !== (reason === undefined) || (discard !== undefined && options.list))
    throw new Failure(
      "invalid-request",
      "Give up one message with --discard and --reason together, and without --list.",
    );
  const service = await describedService(apiClient(options.url), surroundings);
  // What fails from now on waits for the next command, so nothing is tried twice by this one.
  const before = service.now();
  const { idToken } = await signIn(service, { kind: "reading" }, options, surroundings);
  if (discard !== undefined && reason !== undefined)
    await giveUp(service.api, idToken, { message: discard, reason }, options, surroundings);
  else if (options.list) await list(service.api, idToken, options, surroundings);
  else await sendAgain(service.api, idToken, before, options, surroundings);
}

async function list(
  api: ApiClient,
  token: string,
  { json }: RedriveOptions,
  { print, note }: Surroundings,
): Promise<void> {
  const body = bodyOf(await api.get("/v1/notifications/undelivered", token));
  const { undelivered, unreadable, more } = readAnswer(undeliveredAnswer, body);
  if (json) return print(jsonText(body));
  for (const { message, since, promotion, type, untold } of undelivered) {
    print(`${timeText(since)}  ${promotion ?? ofNone}  ${type}  ${oneLine(message)}`);
    for (const { name, channel, state, code } of untold) {
      const why = state === "in-doubt" ? "in doubt: ask them" : `refused: ${oneLine(code ?? "")}`;
      print(`  ${oneLine(name)}, by ${oneLine(channel)}: ${why}`);
    }
  }
  for (const { message, since } of unreadable) print(`${timeText(since)}  not Countersign's  ${oneLine(message)}`);
  if (more) note("There may be more than these.");
  if (undelivered.length + unreadable.length === 0) note("Everything could be told.");
}

async function giveUp(
  api: ApiClient,
  token: string,
  asked: { readonly message: string; readonly reason: string },
  { json }: RedriveOptions,
  { print, note }: Surroundings,
): Promise<void> {
  const answer = bodyOf(await api.post("/v1/notifications/discard", { ...asked }, token));
  const { promotion, type } = readAnswer(discardedAnswer, answer).discarded;
  if (json) print(jsonText(answer));
  else print(type === undefined ? "not Countersign's" : `${promotion ?? ofNone}  ${type}`);
  note("Nobody is told of this any more. Your name and the reason are in the record.");
}

async function sendAgain(
  api: ApiClient,
  token: string,
  before: string,
  { json }: RedriveOptions,
  { print, note }: Surroundings,
): Promise<void> {
  let count = 0;
  for (let round = 0; round < mostRounds; round++) {
    const body = bodyOf(await api.post("/v1/notifications/redrive", { before }, token));
    const { redriven, more } = readAnswer(redrivenAnswer, body);
    if (json) print(jsonText(body));
    else for (const { promotion, type } of redriven) print(`${promotion ?? ofNone}  ${type}`);
    count += redriven.length;
    if (!more) break;
  }
  note(
    count === 0
      ? "Everything could be told."
      : "These are told now to whoever was not told before. What fails again is listed by --list some minutes from now.",
  );
}
