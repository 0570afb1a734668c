import { Failure } from "../failure.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { Author, Member } from "../promotion/identity.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { excludedPeople, unlinkableSentence } from "./exclusions.ts";
import type { Person } from "./people.ts";
import { reachable } from "./reachability.ts";
import type { Requirements } from "./requirements.ts";

/**
 * Why nobody could meet what the evidence made the matrix ask for; `undefined` where somebody could. Asked once the
 * evidence was read: at submission only the least was known that can be asked (design 6.8). Where the evidence decided
 * nothing it was asked then, and who has left since may come back.
 */
export function whyOutOfReach(
  { manifest, startedBy }: Pick<Promotion, "manifest" | "startedBy">,
  { rule, roles, decided }: Requirements,
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): string | undefined {
  if (decided?.facts.evidence === undefined) return undefined;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  const quorum = reachable({ rule, roles, excluded, members, people });
  return quorum.kind === "unreachable"
    ? `The evidence asks for a quorum that nobody could reach. ${quorum.why}`
    : undefined;
}

/**
 * Why nobody could be asked at all, before the evidence is read: an author whom nobody can link to a person, or a
 * quorum that nobody could reach (design 6.8). `undefined` where somebody could.
 */
export function whyNobodyCouldSign(
  { manifest, startedBy }: { readonly manifest: FreezeManifest; readonly startedBy: Author | undefined },
  requirements: Requirements,
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): Failure | undefined {
  const unknown = whyAuthorsUnknown({ manifest, startedBy }, requirements, { members, people });
  if (unknown !== undefined) return unknown;
  const { rule, roles } = requirements;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  const quorum = reachable({ rule, roles, excluded, members, people });
  return quorum.kind === "unreachable" ? new Failure("unreachable-quorum", quorum.why) : undefined;
}

/**
 * Who of those that made the candidate cannot be told apart from those that approve it; `undefined` where everybody can.
 * Asked again before the verdict: whoever was linked at submission is let sign by nothing else than that the directory or
 * people.yaml names them otherwise by now.
 */
export function whyAuthorsUnknown(
  { manifest, startedBy }: Pick<Promotion, "manifest"> & { readonly startedBy?: Author | undefined },
  { rule }: Pick<Requirements, "rule">,
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): Failure | undefined {
  if (rule.unlinkableAuthors === "allowed") return undefined;
  const { unlinkable } = excludedPeople({ manifest, startedBy, duties: rule.excludes, members, people });
  return unlinkable.length === 0
    ? undefined
    : new Failure("invalid-person", unlinkable.map(unlinkableSentence).join(" "));
}

/**
 * Why a change of the policies is approved by nobody: its proposer is not in the directory any more, as where their account was
 * made anew, so that nobody can tell whether it is they who approve it. A pipeline need not be anybody; a proposer is a person.
 */
export function whyProposerUnknown(
  { manifest, startedBy }: Pick<Promotion, "manifest" | "startedBy">,
  { rule }: Pick<Requirements, "rule">,
  { members, people }: { readonly members: readonly Member[]; readonly people: readonly Person[] },
): string | undefined {
  if (manifest.target.kind !== "policy" || !rule.excludes.includes("requester")) return undefined;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: proposing, members, people });
  if (excluded.size > 0) return undefined;
  return "Whoever proposed these policies is not in the directory any more, so nobody can tell who may not approve them: withdraw or reject the proposal, and propose them again.";
}

const proposing = ["requester"] as const;
