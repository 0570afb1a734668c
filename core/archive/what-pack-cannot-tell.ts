import type { Unchecked } from "./pack/pack-findings.ts";
import { holdsWholeLog, isWithoutPersonalData, type PackManifest } from "./pack/pack-manifest.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import type { InstalledFrom } from "./people/installations.ts";
import { toldOfItself } from "./told-of-itself.ts";

/**
 * What verification of a pack cannot tell, whatever its promotions come to, and why.
 *
 * @param signedIn whether people's sign-ins are in it
 */
export function whatPackCannotTell(
  manifest: PackManifest,
  installations: readonly InstalledFrom[],
  { known, mode, since }: VerifyPackOptions,
  signedIn: boolean,
): readonly Unchecked[] {
  const ownKeys = [
    ...(known.checkpointKeys === undefined ? ["the checkpoint key"] : []),
    ...(mode === "full" && known.attestationKeys === undefined ? ["the attestation key"] : []),
  ];
  const own = [
    ...ownKeys,
    ...(mode === "full" && known.jwks === undefined
      ? ["the identity provider's keys (as archived with each sign-off)"]
      : []),
  ];
  const compare = own.length === 1 && ownKeys.length === 1 ? "Compare it" : "Compare them";
  const sentences = [
    ...(own.length === 0
      ? []
      : [`Taken from the pack itself, and worth as much as it: ${own.join(", ")}. ${compare} with what you know.`]),
    ...(mode === "full" ? toldOfItself(installations, known) : []),
    ...(known.witnessKeys === undefined ? ["Whether others were shown the same log: no witness's key was given."] : []),
    ...(mode === "checkpoint"
      ? ["No person's signature, no gate and no quorum was checked: this mode looks at the log only."]
      : []),
    ...(mode === "full" && signedIn
      ? [
          "Whether people saw what they signed: the page that sent them to their identity provider is the service's own.",
        ]
      : []),
    ...(mode === "full" && isWithoutPersonalData(manifest)
      ? [
          "Whether two accounts that signed are one person's: who is whom was left out (people.yaml, people.json and the addresses in the ID tokens).",
        ]
      : []),
    ...(manifest.personalRecordsLeftOut === undefined || manifest.personalRecordsLeftOut.length === 0
      ? []
      : [
          `What ${manifest.personalRecordsLeftOut.length} records say that were left out as being about letters, opened links and exports: they are here by their hash alone, and could be about anything, a rejection or a revocation too.`,
        ]),
    ...(since === undefined
      ? []
      : [
          `What was recorded before entry ${since.checkpoint.size}, but for promotions of which something was recorded since, and those that were ever lent, drifted or left something to be told: it was taken as verified with the checkpoint that was given.`,
        ]),
    ...(manifest.scope.kind === "since"
      ? [
          `Whether every loan that ran at entry ${manifest.scope.size} has ended, and so has whatever had not come to an end by then, whether all that was announced about what runs was done, and whether the places in a budget that were given before are given again: the promotions that the pack brings are looked at, and that they are all of them is told by the whole log.`,
        ]
      : []),
    ...(manifest.scope.kind === "since" && since === undefined
      ? [
          `Whether entry ${manifest.scope.size} follows on what you have verified before: give the checkpoint of that time (--since).`,
        ]
      : []),
    ...(holdsWholeLog(manifest)
      ? []
      : [
          "Whether the policies that judged were in force then: the whole log tells of every change of them.",
          ...ofOthers(manifest.scope),
          ...(manifest.recordsLeftOut === 0
            ? []
            : [
                "Whether the log holds more about these promotions than the pack, or about the installation, the keys, passkeys and delegations that they rest on, such as that one was revoked: the other records are here by their hash alone.",
              ]),
        ]),
  ];
  return sentences.map((sentence) => ({ sentence }));
}

/** Which promotions a part leaves out is told by nothing in it: its manifest is signed by nobody. */
function ofOthers(scope: PackManifest["scope"]): readonly string[] {
  if (scope.kind !== "model" && scope.kind !== "time") return [];
  const those = scope.kind === "model" ? `of '${scope.model}'` : "of that time";
  return [`Whether the log holds other promotions ${those}: whoever hands on a part can leave some out.`];
}
