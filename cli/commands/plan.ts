import { Command, Option } from "commander";
import { planContentDigest } from "../../core/deployment/plan-document.ts";
import { fromBase64 } from "../../core/encoding/base64.ts";
import { concatBytes, fromUtf8 } from "../../core/encoding/bytes.ts";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { type PlanOutcome, planOutcomes } from "../../core/promotion/plan-report.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { exitCodes, outcomeOf } from "../exit-codes.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { fileBytes } from "../file-failure.ts";
import { requireTokenSource, type TokenSource } from "../machine-token.ts";
import { durationOf, type TokenSettings, tokenOptions, urlOption } from "../options.ts";
import { patiently } from "../passing-failure.ts";
import { standingSentence } from "../promotion-text.ts";
import { machineTokens } from "../readers.ts";
import { answers, readAnswer, type ShownPromotion } from "../service/answers.ts";
import { type ApiClient, apiClient, bodyOf } from "../service/api-client.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface PlanOptions extends TokenSettings {
  readonly url: string;
  readonly json: boolean;
}
type SignedPlan = ShownPromotion["manifest"]["evidence"][number];

const pauseMs = 5_000;

const verifyHelp = `
Print the plan again from the file that is applied, in the job that applies it:
  terraform show -json tfplan > plan.json
  countersign plan verify ID plan.json --wait 5d && terraform apply tfplan

Exit codes: 0 it is the plan that was signed off, and may be applied now; 1 it is another one; 8 it may not be applied yet:
nobody has signed it off, somebody who did may not any more, a freeze window holds it, or the requirements have changed since;
else what became of the promotion, as 'wait' has them.`;

/** `countersign plan`: that what is applied is the infrastructure plan that was signed. */
export function planCommand(surroundings: Surroundings): Command {
  const command = new Command("plan").description("apply the infrastructure plan that was signed off, and no other");
  const verify = new Command("verify")
    .description("compare a plan with the one that was signed off, before it is applied")
    .option("--wait <duration>", "wait this long for the approval, such as 90m or 5d", durationOf)
    .addHelpText("after", verifyHelp)
    .action((id: string, file: string, options: PlanOptions & { readonly wait?: number }) =>
      verifyPlan(id, file, options, surroundings),
    );
  const report = new Command("report")
    .description("say that the plan that was signed off is applied: what it comes with is deployed then")
    .addOption(new Option("--outcome <outcome>", "what came of it").choices([...planOutcomes]).makeOptionMandatory())
    .requiredOption("--detail <sentence>", "what happened, in a sentence for people")
    .action(
      (id: string, file: string, options: PlanOptions & { readonly outcome: PlanOutcome; readonly detail: string }) =>
        reportPlan(id, file, options, surroundings),
    );
  for (const each of [verify, report]) {
    each.argument("<id>", "the promotion").argument("<plan>", "the plan, as 'terraform show -json' prints it");
    each.addOption(urlOption()).option("--json", "print what came of it as one line of JSON", false);
    for (const option of tokenOptions()) each.addOption(option);
    command.addCommand(each);
  }
  return command;
}

async function verifyPlan(
  id: string,
  file: string,
  options: PlanOptions & { readonly wait?: number },
  surroundings: Surroundings,
): Promise<void> {
  const { promotionId, api, token } = opened(id, options, surroundings);
  const bytes = await fileBytes(file);
  const { now, pause, note, print, exitWith } = surroundings;
  const end = msOfInstant(now()) + (options.wait ?? 0);
  const asked = <Value extends object>(work: () => Promise<Value>) =>
    options.wait === undefined ? work() : patiently(work, surroundings);
  for (;;) {
    const { promotion } = await asked(async () => fetchPromotion(api, promotionId, await token()));
    const ended = outcomeOf(promotion.status);
    const sentence = standingSentence(promotion);
    if (ended !== undefined && ended !== "deployed" && ended !== "loaned") {
      note(sentence);
      return exitWith(exitCodes[ended]);
    }
    // Before anybody waits for days, and again once it is approved.
    const plan = await asked(() => requireSigned(promotion, bytes, api, token));
    const standing = applicationOf(promotion);
    if (standing.mayBeApplied) {
      const { name, sha256 } = plan;
      const sentence = `${name} is the plan that was signed off: ${sha256}`;
      return print(options.json ? jsonText({ promotion: promotionId, plan: { name, sha256 } }) : sentence);
    }
    const left = end - msOfInstant(now());
    if (left <= 0) {
      note(`It may not be applied now: ${standing.why} ${sentence}`);
      return exitWith(exitCodes.timeout);
    }
    await pause(Math.min(pauseMs, left));
  }
}

async function reportPlan(
  id: string,
  file: string,
  options: PlanOptions & { readonly outcome: PlanOutcome; readonly detail: string },
  surroundings: Surroundings,
): Promise<void> {
  const { promotionId, api, token } = opened(id, options, surroundings);
  const { promotion } = await fetchPromotion(api, promotionId, await token());
  const { sha256 } = await requireSigned(promotion, await fileBytes(file), api, token);
  const { outcome, detail } = options;
  const report = { plan: sha256, outcome, detail };
  const body = bodyOf(await api.post(`/v1/promotions/${promotionId}/deployment`, report, await token()));
  surroundings.print(options.json ? jsonText(body) : `Reported: ${outcome}.`);
}

function opened(id: string, options: PlanOptions, surroundings: Surroundings) {
  const promotionId: PromotionId = promotionIdOf(id);
  const api = apiClient(options.url);
  return { promotionId, api, token: requireTokenSource(machineTokens(api, options, surroundings), options.tokenEnv) };
}

/** Whether it may be applied now, as the service has it: it knows freeze windows and the requirements in force. */
function applicationOf({ plan }: ShownPromotion): NonNullable<ShownPromotion["plan"]> {
  if (plan !== undefined) return plan;
  const why = "The service does not say whether a plan may be applied now; use the command line that it hands out.";
  throw new Failure("unavailable", why);
}

/** The signed plan that the file is. Throws `digest-mismatch` where it is none of them. */
async function requireSigned(
  { id, manifest }: ShownPromotion,
  bytes: Uint8Array,
  api: ApiClient,
  token: TokenSource,
): Promise<SignedPlan> {
  const plans = manifest.evidence.filter(({ kind }) => kind === "iac-plan");
  const digest = sha256Hex(bytes);
  const same = plans.find(({ sha256 }) => sha256 === digest);
  if (same !== undefined) return same;
  const content = planContentDigest(fromUtf8(bytes));
  for (const plan of plans) {
    const signed = planContentDigest(fromUtf8(await signedBytes(id, plan, api, token)));
    if (signed !== undefined && signed === content) return plan;
  }
  const named = plans.map(({ name, sha256 }) => `${name} (${sha256})`).join(", ");
  throw new Failure(
    "digest-mismatch",
    plans.length === 0
      ? "The candidate came with no infrastructure plan, so none was signed off."
      : `This plan (${digest}) is not the one that is signed off: ${named}.`,
  );
}

/** The frozen plan, in its parts; held against its digest, for it came over the network. */
async function signedBytes(
  id: string,
  { sha256 }: SignedPlan,
  api: ApiClient,
  token: TokenSource,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let offset: number | undefined = 0;
  while (offset !== undefined) {
    const path = `/v1/promotions/${id}/evidence/${sha256}?offset=${offset}`;
    const part: { content: string; next?: number } = readAnswer(
      answers.evidencePart,
      bodyOf(await api.get(path, await token())),
    );
    parts.push(fromBase64(part.content));
    if (part.next !== undefined && part.next <= offset) break;
    offset = part.next;
  }
  const bytes = concatBytes(parts);
  if (sha256Hex(bytes) !== sha256)
    throw new Failure("digest-mismatch", "The service gave another plan than was frozen.");
  return bytes;
}
