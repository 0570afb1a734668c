import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import type { Service } from "../../../cli/service/service.ts";
import { discoveredProvider } from "../../../cli/sign-in/identity-provider.ts";

it("a provider that takes the connection and says nothing keeps nobody waiting", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  const asked = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => timeout(50));
  onTestFinished(() => asked.mockRestore());
  const issuer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const service = { settings: { issuer, cliClientId: "cli" }, clockOffsetSeconds: 0 } as unknown as Service;
  await expect(discoveredProvider(service)).rejects.toMatchObject({ code: "unavailable" });
  expect(asked).toHaveBeenCalledWith(20_000);
});
