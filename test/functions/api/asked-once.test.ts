import { expect, it } from "vitest";
import { askingOnce } from "../../../functions/api/asked-once.ts";
import type { ApiRequest } from "../../../functions/api/http.ts";
import { member } from "../../core/archive/reviewers.ts";

const both = { ...member("Ada"), groups: ["sre", "officers"] };
const one = { ...member("Bob"), groups: ["officers"] };

/** The groups of which the directory was asked in a request that asks about these, one after the other; and its answers. */
async function asking(...groups: readonly (readonly string[])[]) {
  const asked: (readonly string[])[] = [];
  const answers: (readonly string[])[] = [];
  const directory = {
    everybody: async (of: readonly string[]) => {
      asked.push(of);
      return [both, one].map((each) => ({ ...each, groups: each.groups.filter((group) => of.includes(group)) }));
    },
  };
  const handler = askingOnce((ports: { readonly directory: typeof directory }) => async () => {
    for (const each of groups)
      answers.push((await ports.directory.everybody(each)).map((found) => `${found.name}: ${found.groups.join()}`));
    return { status: 200, json: {} };
  });
  await handler({ directory })({} as ApiRequest);
  return { asked, answers };
}

it("the directory is asked once about the same groups, in whatever order", async () => {
  expect((await asking(["sre", "officers"], ["officers", "sre"])).asked).toEqual([["sre", "officers"]]);
});

it("who was asked about more groups was asked about fewer, and each answer is of those that were asked about", async () => {
  const { asked, answers } = await asking(["sre", "officers"], ["sre"], [], ["officers"]);
  expect(asked).toEqual([["sre", "officers"]]);
  expect(answers).toEqual([
    ["Ada: sre,officers", "Bob: officers"],
    ["Ada: sre", "Bob: "],
    ["Ada: ", "Bob: "],
    ["Ada: officers", "Bob: officers"],
  ]);
});

it("about another group it is asked anew", async () => {
  expect((await asking(["sre"], ["sre", "officers"], ["officers"])).asked).toEqual([["sre"], ["sre", "officers"]]);
});
