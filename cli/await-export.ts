import * as v from "valibot";
import { isInstant, msOfInstant } from "../core/encoding/instant.ts";
import { isSha256 } from "../core/encoding/sha256.ts";
import { Failure } from "../core/failure.ts";
import { attempt } from "./passing-failure.ts";
import { readAnswer } from "./service/answers.ts";
import { type ApiClient, bodyOf } from "./service/api-client.ts";
import { pauseAfter } from "./service/patience.ts";
import type { Surroundings } from "./surroundings.ts";
import { oneLine } from "./terminal-text.ts";

const pack = v.object({
  address: v.string(),
  bytes: v.number(),
  sha256: v.custom<string>(isSha256),
  expiresAt: v.custom<string>(isInstant),
  ledger: v.object({ origin: v.string(), entries: v.number(), rootHash: v.string() }),
});
const common = { id: v.pipe(v.string(), v.uuid()) };
const shownExport = v.variant("status", [
  v.object({ ...common, status: v.literal("queued") }),
  v.object({ ...common, status: v.literal("running"), attempt: v.number() }),
  v.object({ ...common, status: v.literal("done"), pack: v.optional(pack) }),
  v.object({ ...common, status: v.literal("failed"), reason: v.string() }),
]);
type ShownExport = v.InferOutput<typeof shownExport>;

/** A pack that can be fetched, and the service's answer about it. */
export interface FinishedExport {
  readonly pack: v.InferOutput<typeof pack>;
  readonly body: unknown;
}

const shortestPauseMs = 500;
const longestPauseMs = 10_000;
/** About a minute of a service that does not answer. */
const mostFailures = 12;

/** Asks for an export; answers its id. */
export async function askForExport(api: ApiClient, request: object, token: string): Promise<string> {
  return readAnswer(shownExport, bodyOf(await api.post("/v1/audit/exports", request, token))).id;
}

/** Waits until an export can be fetched, and says meanwhile how far it is. Throws the reason where it comes to nothing. */
export async function awaitExport(
  api: ApiClient,
  id: string,
  token: () => Promise<string>,
  { now, note, pause, random }: Pick<Surroundings, "now" | "note" | "pause" | "random">,
): Promise<FinishedExport> {
  const begun = msOfInstant(now());
  let said: string | undefined;
  let pauseMs = shortestPauseMs;
  let failures = 0;
  for (;;) {
    const asked = await attempt(async () => {
      const body = bodyOf(await api.get(`/v1/audit/exports/${encodeURIComponent(id)}`, await token()));
      return { shown: readAnswer(shownExport, body), body };
    });
    if ("failure" in asked) {
      failures += 1;
      if (failures === mostFailures) throw asked.failure;
      if (failures === 1) note(`${asked.failure.message} Trying again.`);
    } else {
      failures = 0;
      const { shown, body } = asked;
      const finished = packOf(shown);
      if (finished !== undefined) return { pack: finished, body };
      const sentence = progressOf(shown);
      if (sentence !== said) {
        note(`${sentence} (${Math.round((msOfInstant(now()) - begun) / 1000)} s)`);
        said = sentence;
      }
    }
    await pause("failure" in asked ? pauseAfter(asked.failure, pauseMs, random) : pauseMs);
    pauseMs = Math.min(longestPauseMs, Math.round(pauseMs * 1.3));
  }
}

function packOf(shown: ShownExport): v.InferOutput<typeof pack> | undefined {
  if (shown.status === "failed") {
    throw new Failure("invalid-request", `The export came to nothing: ${oneLine(shown.reason, 500)}`);
  }
  if (shown.status !== "done") return undefined;
  if (shown.pack !== undefined) return shown.pack;
  throw new Failure("invalid-request", "The pack is no longer kept; please export again.");
}

function progressOf(shown: ShownExport): string {
  const again = shown.status === "running" && shown.attempt > 1 ? `, attempt ${shown.attempt}` : "";
  return shown.status === "queued" ? `The export ${shown.id} is queued.` : `The pack is being written${again}.`;
}
