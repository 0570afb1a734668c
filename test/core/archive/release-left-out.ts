import { House } from "./house.ts";
import { approved } from "./left-under-way.ts";
import { type Files, packOf } from "./memory-pack.ts";
import { changed } from "./retelling.ts";

/** Three releases, of which the last found the first: the second had been taken back, and is said to have served. And as it was. */
export async function packsOfRelease(): Promise<{ readonly lying: Files; readonly honest: Files }> {
  const house = new House();
  const ids = [];
  for (const version of ["2.0.0", "2.1.0", "2.2.0"]) {
    const id = await house.submit("candidate", version);
    await approved(house, id);
    await house.deploy(id);
    house.pass(3600);
    ids.push(id);
  }
  const [first = "", , last] = ids;
  const begun = house.facts.find(({ type, promotion }) => type === "deployment-started" && promotion === last);
  if (begun === undefined) throw new Error("Nothing was deployed.");
  const facts = changed(house, begun, (fact) => ({ ...fact, body: { ...fact.body, previous: first } }));
  return { lying: await packOf({ house }, { facts }), honest: await packOf({ house }) };
}
