import { describe, expect, it } from "vitest";
import { installationsAt, signInsUnder, whyNotMadeUnder } from "../../../core/attestation/installations-in-force.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { installation } from "./given-installation.ts";

const nine = "2026-11-23T09:00:00.000Z" as Instant;
const noon = "2026-11-23T12:00:00.000Z" as Instant;
const before = { ...installation, audiences: ["old-client"], number: 1, at: nine };
const since = { ...installation, audiences: ["new-client"], number: 2, at: noon };
/** Deployed just now, and not told yet. */
const here = { ...installation, audiences: ["newest-client"] };
const clients = (at: Instant) =>
  signInsUnder(installationsAt([before, since], here, at), { issuer: installation.issuer }).audiences;

describe("the settings under which something was recorded", () => {
  it("are those of its time, around a change both, and those of here, which nobody may have told yet", () => {
    expect(clients(addSeconds(nine, 3600))).toEqual(["old-client", "newest-client"]);
    expect(clients(addSeconds(noon, -900))).toEqual(["old-client", "new-client", "newest-client"]);
    expect(clients(addSeconds(noon, -901))).toEqual(["old-client", "newest-client"]);
    expect(clients(addSeconds(noon, 900))).toEqual(["old-client", "new-client", "newest-client"]);
    expect(clients(addSeconds(noon, 901))).toEqual(["new-client", "newest-client"]);
  });

  it("are those of here alone where the ledger tells of none", () => {
    expect(installationsAt([], here, nine)).toEqual([here]);
  });

  it("count by the provider of whoever signed in, and never mix the applications of two", () => {
    const moved = { ...here, issuer: "https://new.example" };
    const then = installationsAt([before], moved, nine);
    expect(signInsUnder(then, before)).toEqual({
      issuer: before.issuer,
      audiences: ["old-client"],
      subjectClaim: "sub",
    });
    expect(signInsUnder(then, moved)).toEqual({
      issuer: moved.issuer,
      audiences: ["newest-client"],
      subjectClaim: "sub",
    });
    expect(signInsUnder(then, { issuer: "https://other.example" })).toEqual({
      issuer: moved.issuer,
      audiences: ["newest-client"],
      subjectClaim: "sub",
    });
    expect(signInsUnder([before, since, moved], { issuer: "https://other.example" }).issuer).toBe(moved.issuer);
    const entra = { ...moved, issuer: "https://login.example/entra", subjectClaim: "oid" as const };
    expect(signInsUnder([before, entra], entra).subjectClaim).toBe("oid");
    expect(signInsUnder([before, entra], before).subjectClaim).toBe("sub");
  });

  it("say on which pages passkeys were made", () => {
    const passkey = { rpId: "sign.example", origin: "https://sign.example" };
    const moved = { ...here, passkeys: { rpId: "new.example", origins: ["https://new.example"] } };
    expect(whyNotMadeUnder([moved, before], passkey)).toBeUndefined();
    expect(whyNotMadeUnder([moved], passkey)).toBe(
      "The passkey was made on https://sign.example for sign.example, and the portal was elsewhere.",
    );
    expect(whyNotMadeUnder([before], { ...passkey, rpId: "example" })).toMatch(/elsewhere\.$/);
  });
});
