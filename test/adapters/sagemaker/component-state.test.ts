import { expect, it } from "vitest";
import { type ComponentState, runningIn } from "../../../adapters/sagemaker/component-state.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { id } from "../../core/promotion/promotion-in-review.ts";

const since = "2026-09-07T08:00:00Z";
const component = {
  EndpointName: "shared",
  Specification: { ModelName: id, ComputeResourceRequirements: { MinMemoryRequiredInMb: 1024 } },
  RuntimeConfig: { DesiredCopyCount: 2, CurrentCopyCount: 2 },
  LastModifiedTime: new Date(since),
};
const busy = (status: string, over: object = {}) =>
  ({ kind: "busy", status, described: { ...component, ...over } }) as unknown as ComponentState;

it("tells that somebody updates a component, and since when: SageMaker does not say to what", () => {
  expect(runningIn(busy("Updating"), { host: "shared" })).toMatchObject({
    promotion: id,
    unknownComing: "what somebody updates it to",
    unknownSince: instantFromMs(Date.parse(since)),
  });
});

it.each([
  ["it gets more copies", busy("Updating", { RuntimeConfig: { DesiredCopyCount: 3, CurrentCopyCount: 2 } })],
  ["it is scaled to nothing", busy("Updating", { RuntimeConfig: { DesiredCopyCount: 0, CurrentCopyCount: 2 } })],
  ["it is created", busy("Creating")],
  ["it is deleted", busy("Deleting")],
  ["it serves", { kind: "in-service", described: component } as unknown as ComponentState],
])("does not where %s", (_, state) => {
  expect(runningIn(state, { host: "shared" })).not.toHaveProperty("unknownComing");
});
