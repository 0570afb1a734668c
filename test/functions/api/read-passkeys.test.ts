import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { readPasskeys } from "../../../functions/api/read-passkeys/handler.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { cora, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";

import { apiRequest } from "./api-request.ts";

const enrolled = async (name: string, owner: Member, at: number) => ({
  ...(await passkeyDeed("enrol", authenticator("ES256", name), owner)),
  recordedAt: addSeconds(now, at),
});
const phone = await enrolled("phone", cora, 1);
const laptop = await enrolled("laptop", cora, 2);
const token = await enrolled("token", sam, 3);
const confirmed = { ...phone, deed: "confirm", person: sam.identity, personName: sam.name } as const;
const passkeys = new MemoryPasskeys([phone, laptop, token, confirmed]);

async function list(query: Readonly<Record<string, string>>, who = cora) {
  const read = readPasskeys({
    now: () => now,
    groups: who.groups,
    passkeys,
    verifyPerson: async () => ({ ...who, authenticatedAt: now }),
  });
  const { json } = await read(apiRequest({ route: "/v1/passkeys", query }));
  const { passkeys: listed, next } = json as { passkeys: { id: string }[]; next?: string };
  return { ids: listed.map(({ id }) => id), next };
}

it("lists a page, the newest first, and where the next begins", async () => {
  const first = await list({ limit: "2" });
  expect(first.ids).toEqual([token.id, laptop.id]);
  expect(await list({ limit: "2", cursor: first.next ?? "" })).toEqual({ ids: [phone.id], next: undefined });
});

it("lists the caller's own alone, also those that are confirmed", async () => {
  expect((await list({ owner: "me" })).ids).toEqual([laptop.id, phone.id]);
  expect((await list({ owner: "me" }, sam)).ids).toEqual([token.id]);
});

it("leaves out of a page what waits for nobody", async () => {
  expect(await list({ waiting: "true", limit: "2", cursor: "2" })).toEqual({ ids: [], next: undefined });
  expect((await list({ waiting: "true" })).ids).toEqual([token.id, laptop.id]);
});

it.each([
  [{ owner: "cora" }, "owner is 'me', or not given."],
  [{ waiting: "yes" }, "waiting is true or false."],
  [{ limit: "101" }, "limit is a whole number from 1 to 100."],
  [{ limit: "some" }, "limit is a whole number from 1 to 100."],
])("refuses %o", async (query, sentence) => {
  await expect(list(query)).rejects.toThrow(sentence);
});
