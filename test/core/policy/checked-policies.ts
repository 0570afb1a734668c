import { channelKinds } from "../../../cli/policy/channel-kinds.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { checkPolicies } from "../../../core/policy/check-policies.ts";
import type { PolicyTexts } from "../../../core/policy/policy-files.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { everybody, shippedTexts } from "./policy-texts.ts";

export const now = "2026-11-23T12:00:00.000Z" as Instant;

export function check(over: PolicyTexts = {}, members: readonly Member[] | undefined = everybody, at = now) {
  const result = checkPolicies({ ...shippedTexts, ...over }, members, at, channelKinds);
  const told = result.findings.map(
    ({ severity, file, line, path, sentence }) => `${severity} ${file}:${line} ${path}: ${sentence}`,
  );
  return { ...result, told };
}

/** A shipped file with a piece of its text exchanged. */
export function changed(file: keyof PolicyTexts, before: string, after: string): PolicyTexts {
  if (!shippedTexts[file].includes(before)) throw new Error(`${file} does not hold ${before}`);
  return { [file]: shippedTexts[file].replace(before, after) };
}
