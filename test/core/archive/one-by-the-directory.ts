import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { member } from "./reviewers.ts";

// Two rejections stop the last stage. Who is one person by the directory alone is so by the word of whoever runs the service.

const stage = "      - name: model and operations\n";
const matrix = shipped.bundle.texts["matrix.yaml"].replace(stage, `${stage}        rejectionsToStop: 2\n`);

export const [bela, cleo] = [member("Bela", "lead-data-scientists"), member("Cleo", "sre")];

export async function inLastStage(people = [bela, cleo]) {
  const house = new House(undefined, shippedWith(matrix), people);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  return { house, id };
}

/** Two people reject it, and the service decides as if nobody had: by what it keeps with the verdict they are one. */
export async function unheardAsOne(when: "before" | "after"): Promise<House> {
  const { house, id } = await inLastStage();
  house.people.splice(house.people.indexOf(cleo), 1, { ...cleo, address: bela.address });
  const rejected = async () => {
    for (const who of [bela, cleo]) {
      await house.sign(id, who, "reject", { reason: "Never.", unheard: true });
      house.promotions.forgetLatest();
    }
  };
  if (when === "before") await rejected();
  await house.sign(id, dana);
  await house.sign(id, sam);
  if (when === "after") await rejected();
  house.pass(60);
  await house.verify(id);
  await house.deploy(id);
  return house;
}
