import type { Instant } from "../../core/encoding/instant.ts";
import { instantFromMs, msOfInstant } from "../../core/encoding/instant.ts";
import type { Surroundings } from "../surroundings.ts";
import { answers, readAnswer, type ServiceSettings } from "./answers.ts";
import { type ApiClient, bodyOf } from "./api-client.ts";

/** A deployment that people sign in to. */
export interface Service {
  readonly api: ApiClient;
  readonly settings: ServiceSettings;
  /** The time by the service's clock: a statement is valid for minutes only, and a laptop's clock may be wrong. */
  readonly now: () => Instant;
  /** How far the service's clock is ahead of this machine's. */
  readonly clockOffsetSeconds: number;
}

/** HTTP dates have whole seconds and answers take time: less than this is no difference. */
const negligibleMs = 3_000;

/** Asks a deployment where its people sign in. */
export async function describedService(api: ApiClient, { now }: Pick<Surroundings, "now">): Promise<Service> {
  const reply = await api.get("/v1/service");
  const settings = readAnswer(answers.service, bodyOf(reply));
  const theirs = Date.parse((reply.kind === "answer" && reply.date) || "");
  const difference = theirs - msOfInstant(now());
  const offset = Number.isNaN(difference) || Math.abs(difference) < negligibleMs ? 0 : difference;
  return {
    api,
    settings,
    now: () => instantFromMs(msOfInstant(now()) + offset),
    clockOffsetSeconds: Math.round(offset / 1000),
  };
}
