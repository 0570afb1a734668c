import { Command } from "commander";
import type { Explanation } from "../../core/approval/explanation.ts";
import { by } from "../../core/encoding/text-order.ts";
import { Failure } from "../../core/failure.ts";
import { type Identity, sameIdentity } from "../../core/promotion/identity.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import type { ListedPromotion, ShownPromotion } from "../service/answers.ts";
import { apiClient } from "../service/api-client.ts";
import { listedPromotions, unreadableSentence } from "../service/listed-promotions.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine, timeText } from "../terminal-text.ts";

interface InboxOptions extends SignInSettings {
  readonly url: string;
  readonly json: boolean;
}

/** More open reviews than this are not one person's inbox, and a server that never stops listing must not hang it. */
const most = 5_000;

/** `countersign inbox`: the promotions that wait for the person who signs in. */
export function inboxCommand(surroundings: Surroundings): Command {
  const command = new Command("inbox")
    .description(
      "list the promotions that wait for your sign-off, the most urgent first, and those held that you may reject",
    )
    .addOption(urlOption())
    .option("--json", "print one line of JSON for each", false)
    .action((options: InboxOptions) => inbox(options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function inbox(options: InboxOptions, surroundings: Surroundings): Promise<void> {
  const service = await describedService(apiClient(options.url), surroundings);
  const { idToken, reviewer } = await signIn(service, { kind: "reading" }, options, surroundings);
  const waiting: Waiting[] = [];
  const reviews = new Map<string, ListedPromotion>();
  // What was in review when it was listed may be lent, or approved, a moment later, and then is in both.
  for (const status of ["in-review", "loaned", "approved"]) {
    const listed = await listedPromotions(service.api, async () => idToken, { status, standing: "true" }, most);
    if (listed.more)
      throw new Failure("unavailable", `There are more than ${most} open reviews; the portal can show them.`);
    for (const promotion of listed.promotions) reviews.set(promotion.id, promotion);
    const broken = unreadableSentence(listed.unreadable);
    if (broken !== undefined) surroundings.note(broken);
  }
  for (const { id, stage, waits } of reviews.values()) {
    if (stage?.open !== true) continue;
    const lends = waits?.loanToConfirm?.until;
    const { promotion } = await fetchPromotion(service.api, promotionIdOf(id), idToken);
    if (lends !== undefined || waitsFor(promotion, reviewer.identity)) waiting.push({ promotion, lends });
  }
  waiting.sort(by(deadlineOf));
  for (const each of waiting) surroundings.print(options.json ? jsonLine(each) : textLine(each));
  if (waiting.length === 0) surroundings.note(`Nothing waits for ${oneLine(reviewer.name)}.`);
  const held = [...reviews.values()].flatMap((each) =>
    each.held?.mayReject === true ? [{ ...each, held: each.held }] : [],
  );
  held.sort(by((each) => each.held.until));
  for (const each of held) surroundings.print(options.json ? heldJson(each) : heldText(each));
}

/** What is approved and may be rejected for as long as a freeze window holds it: nobody is asked to do anything about it. */
type Held = ListedPromotion & { readonly held: NonNullable<ListedPromotion["held"]> };

function heldText({ id, model, target, held }: Held): string {
  const what = `${oneLine(model.name)} ${oneLine(model.version)} for ${oneLine(target)}`;
  return `${id}  approved  ${what}, held by the freeze window '${oneLine(held.window)}' until ${timeText(held.until)}; you may still reject it`;
}

function heldJson({ id, status, model, target, held }: Held): string {
  return jsonText({ id, status, model, target, heldUntil: held.until, window: held.window });
}

function waitsFor({ explanation, stage }: ShownPromotion, person: Identity): boolean {
  const open = stage === undefined ? undefined : explanation.children[stage.index];
  return open !== undefined && couldSign(open, person);
}

function couldSign(part: Explanation, person: Identity): boolean {
  return (
    (part.seats ?? []).some((seat) => seat.couldBeFilledBy.some(({ identity }) => sameIdentity(identity, person))) ||
    part.children.some((child) => couldSign(child, person))
  );
}

/** What waits, and until when a loan is to be confirmed that somebody asks for. */
interface Waiting {
  readonly promotion: ShownPromotion;
  readonly lends: string | undefined;
}

function deadlineOf({ promotion: { stage, expiresAt }, lends }: Waiting): string {
  return lends ?? stage?.deadline ?? expiresAt;
}

function textLine(waiting: Waiting): string {
  const { id, status, model, target, stage, reapproves, changeFreeze } = waiting.promotion;
  const what = `${oneLine(model.name)} ${oneLine(model.version)} for ${oneLine(target)}`;
  const lent = status === "loaned" ? ", runs on loan until then" : "";
  const drifted = reapproves === undefined ? "" : ", drifted and asked for again";
  const frozen =
    changeFreeze === undefined ? "" : `, nothing is approved before ${timeText(changeFreeze.until)} (change freeze)`;
  const asked =
    waiting.lends === undefined ? "" : ", a loan is asked for: 'show' says by whom and why, 'lend' confirms it";
  return `${id}  until ${timeText(deadlineOf(waiting))}  ${what}, stage '${oneLine(stage?.name ?? "")}'${lent}${drifted}${frozen}${asked}`;
}

function jsonLine(waiting: Waiting): string {
  const { id, status, model, target, stage, reapproves } = waiting.promotion;
  const loan = waiting.lends === undefined ? {} : { loanToConfirmUntil: waiting.lends };
  return jsonText({
    id,
    status,
    model,
    target,
    stage: stage?.name,
    deadline: deadlineOf(waiting),
    reapproves,
    ...loan,
  });
}
