import { apiClient, type Problem } from "./client.ts";
import type { ServiceSettings } from "./contract.ts";

/** The deployment, and how far the computer's clock is behind the service's. */
export interface Service {
  readonly settings: ServiceSettings;
  readonly clockOffsetMs: number;
}

/** HTTP dates have whole seconds and answers take time: less than this is no difference. */
const negligibleMs = 3_000;

/** Asks the service about itself. */
export async function describedService(): Promise<Service | Problem> {
  const reply = await apiClient().get<ServiceSettings>("/v1/service");
  if (reply.kind === "problem") return reply.problem;
  return { settings: reply.value, clockOffsetMs: clockOffset(reply.headers.get("date"), Date.now()) };
}

/**
 * How many milliseconds to add to this computer's clock to get the service's, by the `Date` of an answer. A statement
 * is valid for minutes only, so a laptop whose clock is wrong could otherwise sign nothing.
 */
export function clockOffset(date: string | null, now: number): number {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) || Math.abs(theirs - now) < negligibleMs ? 0 : theirs - now;
}
