import { expect } from "vitest";
import { factOf, withChanged } from "../core/archive/retelling.ts";
import { smallFacts, smallPack, wrongWith } from "../core/archive/small-pack.ts";
import { told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, verdictOn } from "./second-verifier.ts";

// What a service writes beside what somebody signed is signed by nobody, and would be handed on with it: as a line of
// attestations/, and to whoever opens the envelope.

const house = { facts: smallFacts, blobs: told.house.blobs };
const signOff = factOf(house, "sign-off", told.rejected);
const noted = withChanged(house, signOff, "sign-off.dsse.json", (envelope) => ({ ...envelope, note: "Approved." }));
const beside = withChanged(house, signOff, "sign-off.dsse.json", ({ signatures, ...envelope }) => ({
  ...envelope,
  signatures: (signatures as readonly object[]).map((each) => ({ ...each, note: "Approved." })),
}));

async function refusedByOurs(): Promise<void> {
  for (const each of [noted, beside]) {
    const found = await wrongWith(await smallPack(each));
    expect(found).toContainEqual(
      expect.stringMatching(/^sign-off-invalid .*: The envelope has members that nobody signed\.$/),
    );
  }
}

withTool(
  python,
  "nothing stands in an envelope beside what is signed, and by whom",
  async () => {
    await refusedByOurs();
    expect(await verdictOn(await smallPack())).toMatchObject({ status: 0 });
    for (const each of [noted, beside]) {
      const { status, output } = await verdictOn(await smallPack(each));
      expect(status).toBe(1);
      expect(output).toContain("REFUSED: an envelope has members that nobody signed");
    }
  },
  refusedByOurs,
);
