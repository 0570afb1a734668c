import { describe, expect, it } from "vitest";
import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import {
  foundationsInScope,
  isOfDelegation,
  isOfPasskey,
  promotionsInScope,
} from "../../../core/archive/pack/pack-scope.ts";
import type { IndexedRecord } from "../../../core/archive/pack/records-table.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../core/promotion/fact.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";
import { each } from "./zipped.ts";

const [one, two] = ["one", "two"].map((name) => promotionId(digestOf(name), 1));
if (one === undefined || two === undefined) throw new Error("unreachable");
const record = (type: FactType, over: Partial<LedgerRecord> = {}): LedgerRecord => ({
  ...{ recordVersion: 1, id: "x", type, at: now, summary: "", body: {}, attachments: [] },
  ...over,
});
const indexed = (...records: readonly (LedgerRecord | undefined)[]): (() => AsyncIterable<IndexedRecord>) => {
  return () => each(records.map((of, index) => ({ index, bytes: utf8(""), record: of })));
};
/** By then nothing that was recorded at `now` is young. */
const daysAfter = record("key", { at: addSeconds(now, 3 * 86_400) });
const request = (promotion: typeof one, model: string, over: Partial<LedgerRecord> = {}) =>
  record("request", { promotion, body: { model: { name: model } }, ...over });

describe("the promotions that a scope means", () => {
  const scoped = async (scope: PackScope, entries: ReturnType<typeof indexed>) => {
    const found = await promotionsInScope(scope, entries);
    return found === undefined ? undefined : [...found];
  };

  it("are all of them, or the one that it names", async () => {
    expect(await scoped({ kind: "everything" }, indexed())).toBeUndefined();
    expect(await scoped({ kind: "promotion", promotion: one }, indexed())).toEqual([one]);
  });

  it("are those of a model, by what was requested", async () => {
    const entries = indexed(
      request(one, "credit-scoring"),
      request(two, "fraud"),
      record("freeze", { promotion: two, body: { model: { name: "credit-scoring" } } }),
      record("request", { body: { model: { name: "credit-scoring" } } }),
      undefined,
    );
    expect(await scoped({ kind: "model", model: "credit-scoring" }, entries)).toEqual([one]);
    for (const model of [null, "credit-scoring", {}, { name: 7 }, []])
      expect(
        await scoped(
          { kind: "model", model: "credit-scoring" },
          indexed(record("request", { promotion: one, body: { model } })),
        ),
      ).toEqual([]);
  });

  it("are those of which something was recorded in a time, its end excluded", async () => {
    const time = (from: number, to: number): PackScope => ({
      kind: "time",
      from: addSeconds(now, from),
      to: addSeconds(now, to),
    });
    const entries = indexed(record("held", { promotion: one }), record("key"));
    expect(await scoped(time(0, 1), entries)).toEqual([one]);
    expect(await scoped(time(1, 2), entries)).toEqual([]);
    expect(await scoped(time(-1, 0), entries)).toEqual([]);
  });

  it("are those of which something was recorded since an entry", async () => {
    const entries = indexed(
      daysAfter,
      record("held", { promotion: one }),
      record("held", { promotion: two }),
      record("key"),
      undefined,
    );
    const since = (size: number): PackScope => ({ kind: "since", size: size + 1, root: "" });
    expect(await scoped(since(0), entries)).toEqual([one, two]);
    expect(await scoped(since(1), entries)).toEqual([two]);
    expect(await scoped(since(2), entries)).toEqual([]);
  });

  it("are those that were lent at that entry as well, whatever was recorded since", async () => {
    const since: PackScope = { kind: "since", size: 4, root: "" };
    const lent = record("loan", { promotion: one });
    const verdict = (result: string) => record("verdict", { promotion: one, body: { result } });
    const other = record("held", { promotion: two });
    for (const later of [other, undefined, verdict("PASSED"), record("loan-ended", { promotion: two }), record("key")])
      expect(await scoped(since, indexed(daysAfter, lent, later, other, other))).toEqual([two, one]);
    // Until what was lent was taken back, or nothing is left of it.
    const own = (type: FactType) => record(type, { promotion: one });
    const [later, over] = [{ ...since, size: 5 }, own("clean-up")];
    for (const ended of [
      ...(["loan-ended", "rejected", "blocked", "rolled-back", "failed"] as const).map(own),
      verdict("FAILED"),
    ]) {
      expect(await scoped(since, indexed(daysAfter, lent, ended, other, other))).toEqual([two, one]);
      expect(await scoped(later, indexed(daysAfter, lent, ended, over, other, other))).toEqual([two]);
    }
    expect(await scoped(since, indexed(daysAfter, lent, over, other, other))).toEqual([two, one]);
    for (const type of ["loan-ratified", "loan-taken-back"] as const)
      expect(await scoped(since, indexed(daysAfter, lent, own(type), other, other))).toEqual([two]);
    expect(
      await scoped(since, indexed(daysAfter, lent, other, other, record("loan-ended", { promotion: one }))),
    ).toEqual([one]);
  });

  it("are those that were young at that entry: something could not be told of them yet", async () => {
    const [again] = [promotionId(digestOf("one"), 2)];
    const since: PackScope = { kind: "since", size: 2, root: "" };
    const at = (seconds: number, promotion: typeof one) =>
      indexed(
        record("held", { promotion }),
        record("key", { at: addSeconds(now, seconds) }),
        record("held", { promotion: two }),
      );
    expect(await scoped(since, at(904, one))).toEqual([two, one]);
    expect(await scoped(since, at(905, one))).toEqual([two]);
    // The attempt before it may come for two days.
    expect(await scoped(since, at(172_799, again))).toEqual([two, again]);
    expect(await scoped(since, at(172_800, again))).toEqual([two]);
  });
});

describe("what was announced about what runs, and was not done, at an entry", () => {
  const [again, rival] = ["again", "rival"].map((name) => promotionId(digestOf(name), 1));
  if (again === undefined || rival === undefined) throw new Error("unreachable");
  const begun = (promotion: typeof one, endpoint = "e") =>
    record("deployment-started", { promotion, body: { endpoint } });
  const drift = (body: LedgerRecord["body"]) => record("drift", { promotion: one, body });
  const other = record("held", { promotion: two });
  const since = async (...before: readonly LedgerRecord[]) => {
    const scope: PackScope = { kind: "since", size: before.length + 1, root: "" };
    return [...((await promotionsInScope(scope, indexed(...before, daysAfter, other))) ?? [])];
  };

  it("is brought, with its approvals and what was deployed in its place since", async () => {
    expect(await since(begun(one), drift({ action: "stop", reapproval: again }))).toEqual([two, one, again]);
    expect(await since(begun(one), drift({ action: "keep", unlessReapproved: "stop" }))).toEqual([two, one]);
    const [stop, gone] = [drift({ action: "stop" }), record("rolled-back", { promotion: rival })];
    expect(await since(begun(one), stop, begun(rival))).toEqual([two, one, rival]);
    expect(await since(begun(one), stop, begun(rival, "E"), gone)).toEqual([two, one, rival]);
    expect(await since(begun(rival), begun(one), stop, begun(rival, "other"))).toEqual([two, one]);
  });

  it("is not, where nothing was, it is done, or something else serves", async () => {
    expect(await since(begun(one), drift({ action: "keep" }))).toEqual([two]);
    expect(await since(begun(one), drift({}))).toEqual([two]);
    const [stop, serves] = [drift({ action: "stop" }), record("deployed", { promotion: rival })];
    expect(await since(begun(one), stop, record("remedy", { promotion: one, body: { state: "done" } }))).toEqual([two]);
    expect(await since(begun(one), stop, begun(rival), serves)).toEqual([two]);
    // Unless something is recorded of it: then what serves is asked for.
    const scope: PackScope = { kind: "since", size: 4, root: "" };
    const found = await promotionsInScope(scope, indexed(begun(one), stop, begun(rival), serves, stop));
    expect([...(found ?? [])]).toEqual([one, rival]);
  });

  it("is of what runs in its place as well, until that is answered", async () => {
    const found = (action: string) => record("intruder-found", { promotion: one, id: "f", body: { action } });
    expect(await since(begun(one), found("take-back"))).toEqual([two, one]);
    expect(await since(begun(one), found("report"))).toEqual([two]);
    for (const type of ["take-back", "intruder-gone"] as const)
      expect(
        await since(begun(one), found("take-back"), record(type, { promotion: one, body: { found: "f" } })),
      ).toEqual([two]);
  });
});

describe("what sign-offs rest on", () => {
  const [passkey, delegation] = [digestOf("passkey"), digestOf("delegation")];
  const body = { passkey: { id: passkey }, onBehalfOf: { delegation } };
  const rests = async (
    promotions: Parameters<typeof foundationsInScope>[1],
    ...records: readonly (LedgerRecord | undefined)[]
  ) => restsSince(1000, promotions, ...records);
  const restsSince = async (
    size: number,
    promotions: Parameters<typeof foundationsInScope>[1],
    ...records: readonly (LedgerRecord | undefined)[]
  ) => {
    const scope = { kind: "since", size, root: "" } as const;
    const { passkeys, delegations } = await foundationsInScope(scope, promotions, indexed(...records));
    return [[...passkeys], [...delegations]];
  };

  it.each(["sign-off", "sign-off-kept", "loan-requested"] as const)("is what a %s in scope names", async (type) => {
    expect(await rests(new Set([one]), record(type, { promotion: one, body }))).toEqual([[passkey], [delegation]]);
    expect(await rests(new Set([two]), record(type, { promotion: one, body }))).toEqual([[], []]);
    expect(await rests(new Set([one]), record(type, { body }), undefined)).toEqual([[], []]);
  });

  it("is the passkey that signed a delegation in scope, and of no other", async () => {
    const given = (id: string) => record("delegated", { body: { delegation: id, passkey: { id: passkey } } });
    const signed = record("sign-off", { promotion: one, body: { onBehalfOf: { delegation } } });
    expect(await rests(new Set([one]), given(delegation), signed)).toEqual([[passkey], [delegation]]);
    expect(await rests(new Set([one]), given(digestOf("other")), signed)).toEqual([[], [delegation]]);
  });

  it("is what something was done about since an entry, and the passkey that signed that", async () => {
    const revoked = record("delegation-revoked", { body: { delegation, passkey: { id: passkey } } });
    const gone = record("passkey-revoked", { body: { passkey } });
    expect(await restsSince(0, new Set(), revoked)).toEqual([[passkey], [delegation]]);
    expect(await restsSince(0, new Set(), gone, record("key", { body }), undefined)).toEqual([[passkey], []]);
    expect(await restsSince(2, new Set(), revoked, gone)).toEqual([[], []]);
  });

  it("is not asked for where all is in scope, of other records, or where it is no digest", async () => {
    expect(await rests(undefined, record("sign-off", { promotion: one, body }))).toEqual([[], []]);
    expect(await rests(new Set([one]), record("verdict", { promotion: one, body }))).toEqual([[], []]);
    for (const strange of [null, "x", 7, {}, { id: 7, delegation: 7 }])
      expect(
        await rests(
          new Set([one]),
          record("sign-off", { promotion: one, body: { passkey: strange, onBehalfOf: strange } }),
        ),
      ).toEqual([[], []]);
  });
});

describe.each([
  ["passkey", isOfPasskey, ["passkey-enrolled", "passkey-confirmed", "passkey-revoked"]],
  ["delegation", isOfDelegation, ["delegated", "delegation-revoked"]],
] as const)("a record about a %s", (name, isOf, types) => {
  const id = digestOf(name);

  it.each(types)("is of type %s, and of the installation", (type) => {
    const about = record(type, { body: { [name]: id } });
    expect(isOf(about)).toBe(true);
    expect(isOf(about, new Set([id]))).toBe(true);
    expect(isOf(about, new Set([digestOf("other")]))).toBe(false);
    expect(isOf({ ...about, promotion: one })).toBe(false);
    expect(isOf(record(type), new Set([id]))).toBe(false);
    expect(isOf(record(type))).toBe(true);
  });

  it("is no other", () => {
    expect(isOf(undefined)).toBe(false);
    expect(isOf(record("key", { body: { [name]: id } }))).toBe(false);
  });
});
