import type { Target } from "./target.ts";

/** Who may be shown a passport for the target; nobody where Countersign deploys by itself. */
export function passportAudiences(target: Target): readonly string[] {
  return target.kind === "pipeline" ? target.audiences : [];
}
