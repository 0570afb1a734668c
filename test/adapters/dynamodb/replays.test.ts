import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { open } from "./tables.ts";

describe("a machine token", () => {
  it("may be sent again with the same request, and not with another", async () => {
    const { replays } = await open();
    const token = { issuer: "https://ci.example", id: "jti-1", expiresAtSeconds: 2_000_000_000 };
    const [one, other] = [sha256Hex(utf8("one")), sha256Hex(utf8("other"))];
    expect(await replays.use(token, one)).toBe("fresh");
    expect(await replays.use(token, one)).toBe("fresh");
    expect(await replays.use(token, other)).toBe("replayed");
    expect(await replays.use({ ...token, issuer: "https://ci.other.example" }, other)).toBe("fresh");
  });
});
