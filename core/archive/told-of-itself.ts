import { nameAsRead } from "./documents/name-as-read.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import type { InstalledFrom } from "./people/installations.ts";

/** What the log says of one of its settings, for whoever knows that from elsewhere. */
interface Told {
  readonly what: string;
  /** Each by itself. */
  readonly each: string;
  readonly names: readonly string[];
}

/** As much as is read in one line. */
const longestLine = 800;
const mostEntries = 12;

/**
 * By whom, for what and where people signed in counts by the log's own word alone. So long as a line has room for them all stand in
 * one; of more than that each in one of its own, since whoever runs the service must not hide one behind the others.
 */
export function toldOfItself(
  installations: readonly InstalledFrom[],
  known: VerifyPackOptions["known"],
): readonly string[] {
  const all = toldOf(installations, known).filter(({ names }) => names.length > 0);
  if (all.length === 0) return [];
  const whence = `Told by the log of itself, in its ${entriesText(installations)}: `;
  const compare =
    "Whoever runs the service can have told it wrongly from the beginning: compare them with what you know.";
  const line = `${whence}${all.map(({ what, names }) => `${what} (${names.join(", ")})`).join(", ")}. ${compare}`;
  if (line.length <= longestLine) return [line];
  return [
    `${whence}${all.map(({ what }) => what).join(", ")}; each is named here. ${compare}`,
    ...all.flatMap(({ each, names }) => names.map((name) => `Told by the log of itself: ${each} '${name}'.`)),
  ];
}

function toldOf(
  installations: readonly InstalledFrom[],
  { issuers, audiences, subjectClaims, origins }: VerifyPackOptions["known"],
): readonly Told[] {
  const ever = (isKnown: unknown, what: (told: InstalledFrom) => readonly string[]) =>
    isKnown === undefined ? [...new Set(installations.flatMap(what))].map(nameAsRead) : [];
  return [
    { what: "the identity provider", each: "the identity provider", names: ever(issuers, ({ issuer }) => [issuer]) },
    {
      what: "the applications that people sign in to",
      each: "the application that people sign in to",
      names: ever(audiences, (told) => told.audiences),
    },
    {
      what: "that people are named by the claim 'oid' of their sign-ins",
      each: "that people are named by the claim 'oid' of the sign-ins of",
      names: ever(subjectClaims, ({ issuer, subjectClaim }) => (subjectClaim === "oid" ? [issuer] : [])),
    },
    {
      what: "the pages on which passkeys are made",
      each: "the page on which passkeys are made",
      names: ever(origins, ({ passkeys }) => passkeys.origins),
    },
  ];
}

function entriesText(installations: readonly InstalledFrom[]): string {
  const [first, ...others] = installations.map(({ index }) => index);
  if (others.length === 0) return `entry ${first}`;
  const more = others.length - mostEntries;
  const told = [first, ...others.slice(0, mostEntries)].join(", ");
  return more > 0 ? `entries ${told} and ${more} more` : `entries ${told}`;
}
