import { dutyWords } from "../../approval/exclusions.ts";
import type { Person } from "../../approval/people.ts";
import type { Json } from "../../encoding/canonical-json.ts";
import { durationText } from "../../encoding/policy-file.ts";
import { normalAddress } from "../../promotion/identity.ts";
import { listIn, numberIn, objectIn, textIn } from "../documents/json-member.ts";

/** What a report says of the rules that a promotion was under, and of those who had a hand in the candidate. */

/** By which rules it was judged, in the words of the matrix: a row for each stage, and who could not approve. */
export function rulesRows(requirements: Json): readonly (readonly string[])[] {
  const rule = objectIn(requirements, "rule");
  const roles = objectIn(requirements, "roles");
  const lenders = strings(objectIn(rule, "loan"), "roles").map((role) => titleOf(role, roles));
  const stages = listIn(rule, "stages").map((stage) => [
    `Stage '${textIn(stage, "name")}'`,
    [inTheOpen(requirementText(objectIn(stage, "requires"), roles)), ...stageText(stage)].join("; "),
  ]);
  return [
    ...stages,
    [
      "Could not approve",
      strings(rule, "excludes")
        .map((duty) => `whoever ${dutyText(duty)}`)
        .join("; "),
    ],
    ["Could lend", stages.length === 0 ? "" : lenders.length === 0 ? "nobody" : lenders.join(", ")],
  ].filter(([, text]) => text !== "");
}

/** Whom the frozen manifest names as having had a hand in the candidate, as the pipeline knew them; and who started its run. */
export function handsRows(
  manifest: Json,
  startedBy: Json,
  people: readonly Person[] = [],
): readonly (readonly string[])[] {
  const lineage = objectIn(manifest, "lineage");
  const hands = [
    ["Trained the model", "trainedBy"],
    ["Wrote the code", "codeAuthors"],
    ["Owns the data", "dataOwners"],
    ["Wrote the infrastructure", "infrastructureAuthors"],
  ] as const;
  const nameOf = (author: Json): string => authorText(author, people);
  const named = hands.map(([title, member]) => [title, listIn(lineage, member).map(nameOf).join(", ")]);
  return [["Started the run", startedBy === null ? "" : nameOf(startedBy)], ...named].filter(([, text]) => text !== "");
}

function stageText(stage: Json): readonly string[] {
  const [minimum = 0, deadline] = ["minimumReviewSeconds", "deadlineSeconds"].map((member) => numberIn(stage, member));
  return [
    ...(minimum === 0 ? [] : [`nobody before it was open for ${durationText(minimum)}`]),
    ...(deadline === undefined ? [] : [`within ${durationText(deadline)}`]),
  ];
}

function requirementText(requirement: Json, roles: Json): string {
  const [all, any] = ["all", "any"].map((member) =>
    listIn(requirement, member).map((part) => requirementText(part, roles)),
  );
  if (all !== undefined && all.length > 0) return grouped(all, " and ");
  if (any !== undefined && any.length > 0) return grouped(any, " or ");
  const count = numberIn(requirement, "count") ?? 1;
  return `${count} × ${titleOf(textIn(requirement, "role"), roles)}`;
}

/** Only a group within another needs its parentheses. */
function inTheOpen(text: string): string {
  return text.startsWith("(") ? text.slice(1, -1) : text;
}

function grouped(parts: readonly string[], word: string): string {
  return parts.length === 1 ? parts.join("") : `(${parts.join(word)})`;
}

/** A role as its people call it. */
export function titleOf(role: string, roles: Json): string {
  return textIn(objectIn(roles, role), "title") || role;
}

function dutyText(duty: string): string {
  return Object.hasOwn(dutyWords, duty) ? dutyWords[duty as keyof typeof dutyWords] : duty;
}

/** As the pipeline knew them, behind the name by which people.yaml knows them, where it does. */
function authorText(author: Json, people: readonly Person[]): string {
  const [account, identity] = [objectIn(author, "account"), objectIn(author, "identity")];
  const [provider, accountId] = [textIn(account, "provider"), textIn(account, "id")];
  const [address, subject] = [textIn(author, "address"), textIn(identity, "subject")];
  const known = account !== null ? `${provider} account ${accountId}` : address || subject || textIn(author, "subject");
  const person = people.find(
    ({ accounts, addresses, identities }) =>
      accounts.some((each) => each.provider === provider && each.id === accountId) ||
      (address !== "" && addresses.includes(normalAddress(address))) ||
      identities.some(
        (each) => subject !== "" && each.issuer === textIn(identity, "issuer") && each.subject === subject,
      ),
  );
  return person === undefined ? known : `${person.name} (${known})`;
}

function strings(value: Json, member: string): readonly string[] {
  return listIn(value, member).filter((each) => typeof each === "string");
}
