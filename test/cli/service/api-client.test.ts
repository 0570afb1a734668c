import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { apiClient } from "../../../cli/service/api-client.ts";

describe("a service that is not there", () => {
  it("is told in words, with the machine's own", async () => {
    // A port that was free a moment ago.
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    server.close();
    await once(server, "close");
    expect(await apiClient(`http://127.0.0.1:${port}`).get("/v1/service")).toMatchObject({
      kind: "problem",
      sentence: `http://127.0.0.1:${port} cannot be reached: nothing listens there (ECONNREFUSED).`,
    });
  });
});
