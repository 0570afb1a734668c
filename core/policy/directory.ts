import * as v from "valibot";
import { Failure } from "../failure.ts";
import { requireJson } from "../gates/strict-json.ts";
import { identityKey, type Member, normalAddress } from "../promotion/identity.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(320));
const schema = v.strictObject({
  directoryVersion: v.literal(1),
  members: v.pipe(
    v.array(
      v.strictObject({
        identity: v.strictObject({ issuer: text, subject: text }),
        name: text,
        address: v.optional(v.pipe(v.string(), v.maxLength(320)), ""),
        groups: v.pipe(v.array(text), v.maxLength(500)),
        enabled: v.optional(v.boolean(), true),
      }),
    ),
    v.maxLength(100_000),
  ),
});

/** Reads an export of the organisation's directory. Throws `invalid-request`, saying where it is not one. */
export function readDirectory(bytes: Uint8Array): readonly Member[] {
  const result = v.safeParse(schema, requireJson("The directory", bytes));
  if (!result.success) {
    const [issue] = result.issues;
    throw new Failure(
      "invalid-request",
      `The directory cannot be read: ${v.getDotPath(issue) ?? "it"} is not right (${issue.message}).`,
    );
  }
  const { members } = result.output;
  const seen = new Set<string>();
  for (const { identity } of members) {
    if (seen.has(identityKey(identity)))
      throw new Failure("invalid-request", `The directory lists '${identity.subject}' of ${identity.issuer} twice.`);
    seen.add(identityKey(identity));
  }
  return members;
}

/** The one person that a word means: an address, a subject or a whole name. Throws `invalid-person`. */
export function memberNamed(word: string, members: readonly Member[]): Member {
  const wanted = normalAddress(word);
  const meant = members.filter(({ name, address, identity }) =>
    [name, address, identity.subject].some((each) => each !== "" && normalAddress(each) === wanted),
  );
  const [found, ...others] = meant;
  if (found === undefined) throw new Failure("invalid-person", `Nobody in the directory is called '${word}'.`);
  if (others.length > 0)
    throw new Failure(
      "invalid-person",
      `${meant.length} people in the directory are called '${word}': give the subject.`,
    );
  return found;
}
