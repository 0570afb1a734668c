import { readPolicyFiles } from "../../../adapters/policies/policy-folder.ts";
import type { PolicyBundle } from "../../../core/policy/policy-bundle.ts";

const shipped = readPolicyFiles(new URL("../../../policies/", import.meta.url));

/**
 * As shipped, but waiting gives seats to a role without the passkey that a change of the policies is signed with: what was taken
 * once, and is refused by a rule that came later.
 */
export const takenBefore: PolicyBundle = {
  ...shipped,
  texts: {
    ...shipped.texts,
    "matrix.yaml": shipped.texts["matrix.yaml"]
      .replace(
        "\npolicyChange:",
        "\nreminders: { every: 1d, escalation: { after: 2d, to: sre, mayFill: true } }\npolicyChange:",
      )
      .replace("\nrules:", "\n  guard: { title: Guard, groups: [sre], secondFactor: passkey }\nrules:")
      .replace(
        "          - role: compliance-officer\n          - role: lead-data-scientist\n",
        "          - role: guard\n          - role: lead-data-scientist\n",
      ),
  },
};

/** What it would be refused with. */
export const refusedToday =
  "The role 'sre' may not fill seats of the role 'guard', which asks for a stricter way of signing: ask for it there too.";
