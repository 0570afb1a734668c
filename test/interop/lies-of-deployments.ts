import { House, shipped } from "../core/archive/house.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";

/** A model that goes by the name of policies, of which little is asked. */
export async function packOfModelAsPolicies(): Promise<Files> {
  const production = { kind: "policy", endpoint: "in-force" };
  const house = new House(undefined, {
    ...shipped,
    targets: { ...shipped.targets, production },
  } as unknown as typeof shipped);
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0"));
  return packOf({ house });
}
