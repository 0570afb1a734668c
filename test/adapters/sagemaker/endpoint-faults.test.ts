import { DescribeModelCommand } from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { refused } from "../../core/refusal.ts";
import { scorer } from "../../local/sagemaker/setup.ts";
import { atOnce, deployment, endpointScene, order, plain, update } from "./endpoint-scene.ts";
import { faultAt, throttled } from "./faults.ts";
import { approved, id } from "./orders.ts";

const { check, local, serving, staged, staging, target, until } = endpointScene();

describe("throttling and server errors, at each call", () => {
  const fault = (call: number, error: () => Error) => faultAt(local, call, error);
  const broken = () =>
    Object.assign(new Error("Oops"), { name: "InternalFailure", $metadata: { httpStatusCode: 500 } });

  it("pass: whoever asks again finds everything as if nothing had been", async () => {
    const given = await staged();
    let reached = 0;
    for (let call = 1; call <= 12; call += 1) {
      const { calls, end } = fault(call, call % 2 === 0 ? throttled : broken);
      const went = await target()
        .start(approved(given), update)
        .then(() => "went", refusedAs);
      expect(["went", "unavailable"]).toContain(went);
      if (went === "unavailable") reached += 1;
      end();
      // It is found to have begun, by one call.
      if (calls() < call) break;
    }
    expect(reached).toBeGreaterThan(0);
    expect((await check(deployment(update))).kind).toBe("under-way");
    const updates = local.calls.filter(({ action, status }) => action === "sagemaker:UpdateEndpoint" && status === 200);
    expect(updates).toHaveLength(2);
  });

  it.each([1, 2, 3, 4])("while it is staged, call %i", async (call) => {
    await serving();
    fault(call, call % 2 === 0 ? throttled : broken);
    expect((await refused(staging().stage(order()))).code).toBe("unavailable");
    await staging().stage(order());
    await target().start(approved(order()), update);
    expect((await check(deployment(update))).kind).toBe("under-way");
  });

  it.each([1, 2])("while the preflight looks, call %i", async (call) => {
    await serving();
    const ask = () => target().preflight(order(), () => update);
    fault(call, throttled);
    expect((await refused(ask())).code).toBe("unavailable");
    expect((await ask()).kind).toBe("possible");
  });

  it.each([1, 2])("while it is rolled back, call %i", async (call) => {
    await target().start(approved(await staged(scorer, plain)), atOnce);
    await local.settled("InService");
    const given = deployment(atOnce, { target: plain });
    fault(call, call % 2 === 0 ? throttled : broken);
    expect((await refused(target().rollBack(given))).code).toBe("unavailable");
    expect((await check(given)).kind).toBe("serving");
    await target().rollBack(given);
    expect((await until(given, "returned")).kind).toBe("returned");
  });

  it.each([1, 2, 3, 4])("while it is looked at, call %i", async (call) => {
    await target().start(approved(await staged(scorer, plain)), atOnce);
    await local.settled("InService");
    const given = deployment({ ...atOnce, alarms: { kind: "named", names: ["slow"] } }, { target: plain });
    await local.alarm("slow", id);
    fault(call, throttled);
    expect((await refused(check(given))).code).toBe("unavailable");
    expect((await check(given)).kind).toBe("serving");
  });

  it.each([1, 2, 3, 4, 5])("while it is cleaned up, call %i", async (call) => {
    await staged(scorer, plain);
    fault(call, broken);
    expect((await refused(target().cleanUp(id, plain))).code).toBe("unavailable");
    expect((await target().cleanUp(id, plain)).left).toEqual([]);
    await expect(local.send(new DescribeModelCommand({ ModelName: id }))).rejects.toThrow(/Could not find/);
  });

  it("is no reason to try again where the role may not", async () => {
    await staged();
    fault(1, () =>
      Object.assign(new Error("not authorized"), { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } }),
    );
    await expect(check(deployment(update))).rejects.toThrow("not authorized");
  });
});

async function refusedAs(error: unknown): Promise<string> {
  return (await refused(Promise.reject(error))).code;
}
