import { type DescribeClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { afterEach, expect, it, vi } from "vitest";
import { eksAccess } from "../../../adapters/kubernetes/eks-access.ts";
import { credentials } from "../../local/recorded-calls.ts";

afterEach(() => vi.restoreAllMocks());

it("looks up where a cluster is once in five minutes, so that one made anew under its name is found without a new function", async () => {
  let made = 1;
  const client = new EKSClient({ region: "eu-central-1", credentials });
  const send = vi.spyOn(client, "send").mockImplementation(async (given: unknown) => {
    const { name } = (given as DescribeClusterCommand).input;
    return { cluster: { endpoint: `https://${name}-${made}`, certificateAuthority: { data: "Q0E=" } } };
  });
  let minutes = 0;
  const access = eksAccess(client, () => new Date(Date.UTC(2026, 10, 26, 10, minutes)));
  const server = async () => (await access("ml-platform")).server;
  expect(await Promise.all([server(), server()])).toEqual(["https://ml-platform-1", "https://ml-platform-1"]);
  made = 2;
  minutes = 4;
  expect(await server()).toBe("https://ml-platform-1");
  expect(send).toHaveBeenCalledTimes(1);
  minutes = 5;
  expect(await server()).toBe("https://ml-platform-2");
  send.mockImplementationOnce(() => Promise.reject(new Error("throttled")));
  minutes = 10;
  await expect(server()).rejects.toThrow("throttled");
  expect(await server()).toBe("https://ml-platform-2");
});
