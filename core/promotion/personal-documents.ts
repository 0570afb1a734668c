import { freezeManifestName } from "./freeze-manifest.ts";

/** The name under which records keep an ID token. */
export const idTokenName = "id-token.jwt";

/** The name under which a verdict keeps what the directory told. */
export const peopleSnapshotName = "people.json";

/** The files of the policies that may tell of people: each is a document of its own, which an archive without personal data leaves out. */
export const personalTexts = ["people.yaml", "channels.yaml"] as const;

/** Names of documents that an export without personal data leaves out, where records bring them as what they are. */
export const personalNames: readonly string[] = [idTokenName, peopleSnapshotName, ...personalTexts];

/** Whether a file may not be called so, in any case: its name would say that it is something of Countersign's own. */
export function isReservedName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === freezeManifestName || personalNames.includes(lower);
}
