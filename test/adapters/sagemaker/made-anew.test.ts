import { DeleteEndpointConfigCommand, DeleteModelCommand } from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { refused, told } from "../../core/refusal.ts";
import { type Container, failing, hosting, localSageMaker, modelAt } from "../../local/sagemaker/setup.ts";
import { approved, before as id, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");
const target: Target = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 2,
};
const order = orderOf(id, target);
const release = plainRelease("something");
const theirs: Container = { ...modelAt("candidate/model.json"), Environment: { NAME: "theirs" } };

describe("what serves under the names of what was staged", () => {
  const sagemaker = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  const stage = () => sagemakerStaging(local.client(), hosting).stage(order);
  const start = (of: Order) => sagemaker().start(approved(of), { ...release, kind: "first" });
  const check = (of: Partial<Deployment>) => sagemaker().check({ ...order, release, ...of });
  /** What answers says the container's own variable NAME. */
  const answering = async () => (await local.invoke("{}")).text();
  const removed = async () => {
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id }));
    await local.send(new DeleteModelCommand({ ModelName: id }));
  };

  /** By somebody who may make models and endpoint configurations, and update endpoints. */
  async function servesTheirs(container: Container): Promise<void> {
    await local.configure("for-a-moment", modelAt("champion/model.json"), "approved");
    await local.update("for-a-moment");
    await local.settled("InService");
    await removed();
    await local.configure(id, container, "approved");
    await local.update(id);
    await local.settled("InService");
    await removed();
  }

  it("is found where somebody has another model served so, and makes what was staged anew", async () => {
    const staged = await stage();
    if (staged === undefined) throw new Error("Staging tells when what it made was made.");
    expect(Object.keys(staged)).toEqual(["model", "configuration"]);
    const of = { ...order, staged };
    await start(of);
    await local.settled("InService");
    expect((await check(of)).kind).toBe("serving");
    const stagedBefore = instantFromMs(Date.now());

    await servesTheirs(theirs);
    await stage();
    const { EndpointConfigName: serves } = await local.endpoint();
    expect([serves, await answering()]).toEqual([id, "theirs"]);
    const why =
      "What is staged on SageMaker is not what was approved: the model was made anew after it had been staged; somebody changed or removed it.";
    expect(await check(of)).toMatchObject({ kind: "unhealthy", why });
    // Of what was staged before that was kept.
    expect(await check({ stagedBefore })).toMatchObject({ kind: "unhealthy", why });
  });

  it("is found where its configuration alone was made anew", async () => {
    const staged = await stage();
    if (staged === undefined) throw new Error("Staging tells when what it made was made.");
    await start({ ...order, staged });
    await local.settled("InService");
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id }));
    await stage();
    expect((await check({ staged })).why).toContain("the configuration was made anew after it had been staged;");
  });

  it("is not started where somebody made it anew between staging and deployment", async () => {
    const staged = await stage();
    if (staged === undefined) throw new Error("Staging tells when what it made was made.");
    await removed();
    await stage();
    expect(told(await refused(start({ ...order, staged })))).toMatch(
      /^deployment-refused: .* the model was made anew /,
    );
    expect(local.calls.filter(({ action }) => action === "sagemaker:CreateEndpoint")).toEqual([]);
  });

  it("is the same however often it is staged, and what was staged before that was kept", async () => {
    const staged = await stage();
    expect(await stage()).toEqual(staged);
    const stagedBefore = instantFromMs(Date.now());
    await start({ ...order, stagedBefore });
    await local.settled("InService");
    expect((await check({ stagedBefore })).kind).toBe("serving");
  });

  it("is found by its image where that is another, though nobody knows when what stands there was made", async () => {
    await stage();
    await start(order);
    await local.settled("InService");
    expect((await check({})).kind).toBe("serving");
    await servesTheirs(modelAt("champion/model.json", failing));
    await stage();
    expect(await check({})).toMatchObject({
      kind: "unhealthy",
      why: "The endpoint 'credit-scoring' answers by another image than the approved one: somebody changed what it serves.",
    });
  });
});
