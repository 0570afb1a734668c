import { join } from "node:path";
import * as v from "valibot";
import { policyText } from "../../adapters/policies/policy-folder.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { bundledTexts, bundledWasm } from "../../core/policy/policy-bundle.ts";
import { fileBytes } from "../file-failure.ts";
import type { SignInSettings } from "../options.ts";
import { readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { oneLine, timeText } from "../terminal-text.ts";

export interface ProposeOptions extends SignInSettings {
  readonly url: string;
  readonly title: string;
}

const text = v.string();
const proposal = v.looseObject({
  id: text,
  status: text,
  former: text,
  proposed: text,
  expiresAt: text,
  changes: v.array(text),
  effects: v.array(v.looseObject({ promotion: text, sentence: text })),
  notLookedAt: v.optional(v.number(), 0),
});
export type Proposal = v.InferOutput<typeof proposal>;

/** Posts a folder of policies as a proposal, as the person who signs in. */
export async function proposeFolder(
  folder: string,
  options: ProposeOptions,
  surroundings: Surroundings,
): Promise<Proposal> {
  const files = await filesIn(folder);
  const service = await describedService(apiClient(options.url), surroundings);
  const { idToken } = await signIn(service, { kind: "reading" }, options, surroundings);
  const reply = await service.api.post("/v1/policy/proposals", { title: options.title, files }, idToken);
  return readAnswer(proposal, bodyOf(reply));
}

async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const read = async (name: string) => await fileBytes(join(folder, name));
  const texts = await Promise.all(
    // Read all the same, a character that is no UTF-8 would be proposed as another.
    bundledTexts.map(async (name) => [name, policyText(join(folder, name), await read(name))] as const),
  );
  return { ...Object.fromEntries(texts), [bundledWasm]: base64(await read(bundledWasm)) };
}

/** What a proposal came to, for people. */
export function proposalLines(proposal: Proposal, base: string): readonly string[] {
  const { id, expiresAt, changes, effects, notLookedAt } = proposal;
  const lines = [
    `Proposed as ${id}, to be signed until ${timeText(expiresAt)}: ${base}/#/promotions/${id}`,
    ...(changes.length === 0 ? ["Nothing changes that could be told in words."] : changes.map((each) => `  ${each}`)),
    ...(effects.length === 0
      ? ["No open promotion would be judged otherwise."]
      : effects.map(({ promotion, sentence }) => `  ${promotion}: ${sentence}`)),
    ...(notLookedAt === 0 ? [] : [`${notLookedAt} more promotions are open, and were not looked at.`]),
  ];
  return lines.map((line) => oneLine(line, 2000));
}
