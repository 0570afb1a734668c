import { describe, expect, it } from "vitest";
import { base64url } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { keepDraft, keptDraft } from "../../portal/src/decision/draft.ts";
import { takeHandedReason } from "../../portal/src/decision/handed-reason.ts";
import { id } from "../core/promotion/promotion-in-review.ts";

const ines = { issuer: "https://login.example/pool", subject: "sub-ines" };
const lars = { ...ines, subject: "sub-lars" };

function scene() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
  const addresses: string[] = [];
  const take = (hash: string) => takeHandedReason(hash, storage, (fragment) => void addresses.push(fragment));
  return { storage, addresses, take, draft: (by = ines) => keptDraft(id, by, storage) };
}
const handed = (reason: string) => `#/promotions/${id}?reject=${base64url(utf8(reason))}`;

describe("a reason that was written in a chat", () => {
  it("is the draft of a rejection, and leaves the address", () => {
    const { addresses, take, draft } = scene();
    take(handed("Zu groß <b>für</b> uns 🙂"));
    expect(draft()).toMatchObject({ result: "reject", reason: "Zu groß <b>für</b> uns 🙂" });
    expect(addresses).toEqual([`#/promotions/${id}`]);
  });

  it("takes the place of nothing that was typed on the page", () => {
    const { storage, take, draft } = scene();
    keepDraft(id, ines, { result: "approve", reason: "It is good.", withoutRoles: [] }, storage);
    take(handed("No."));
    expect(draft()).toMatchObject({ result: "approve", reason: "It is good." });
  });

  it("is that of whoever looks at the promotion first, and of nobody else who signs in afterwards", () => {
    const { take, draft } = scene();
    take(handed("No."));
    expect(draft(lars).reason).toBe("No.");
    expect(draft(ines).reason).toBe("");
    expect(draft(lars).reason).toBe("No.");
  });

  it.each(["A", "_w", base64url(utf8("   ")), ""])("is none in '%s', which leaves the address all the same", (text) => {
    const { addresses, take, draft } = scene();
    take(`#/promotions/${id}?reject=${text}`);
    expect(draft().reason).toBe("");
    expect(addresses).toHaveLength(1);
  });

  it.each([
    `#/promotions/${id}`,
    `#/promotions/${id}/record?reject=QQ`,
    "#/promotions/p-1?reject=QQ",
    `${handed("x")}&y`,
  ])("does not stand in %s", (hash) => {
    const { addresses, take } = scene();
    take(hash);
    expect(addresses).toEqual([]);
  });
});
