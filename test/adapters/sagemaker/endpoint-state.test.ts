import { expect, it } from "vitest";
import { type EndpointState, runningOf } from "../../../adapters/sagemaker/endpoint-state.ts";
import { shadowConfigName } from "../../../adapters/sagemaker/shadow-config.ts";
import { shareConfigName } from "../../../adapters/sagemaker/share-config.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";

const busy = (over: object): EndpointState => ({
  ...{ kind: "busy", configName: id, changingTo: id, creating: false, stage: "Updating" },
  ...over,
});

it("names what an endpoint is updated to that is nobody's here: it may answer a part of the requests meanwhile", () => {
  expect(runningOf(busy({ changingTo: "theirs" }))).toEqual({
    ...{ revision: id, promotion: id, changingTo: "theirs" },
    unknownComing: "theirs",
  });
  expect(runningOf(busy({ configName: "legacy", changingTo: "theirs", creating: true }))).toEqual({
    ...{ changingTo: "theirs", unknownComing: "theirs" },
  });
});

it.each([
  ["a promotion's configuration", busy({ configName: "legacy" })],
  ["one in which a candidate gets a part", busy({ changingTo: shareConfigName(id) })],
  ["one in whose shadow a candidate runs", busy({ changingTo: shadowConfigName(id) })],
  ["the same one, with more instances or other weights", busy({ configName: "legacy", changingTo: "legacy" })],
  ["nothing", { kind: "in-service", configName: "theirs", why: undefined } satisfies EndpointState],
])("does not where it is %s", (_, state) => {
  expect(runningOf(state)).not.toHaveProperty("unknownComing");
});
