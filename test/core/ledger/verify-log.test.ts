import { beforeAll, describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { LogFindingCode } from "../../../core/ledger/log-findings.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import { type VerifyLogOptions, verifyLog } from "../../../core/ledger/verify-log.ts";
import { testSigner, verifyEd25519 } from "./ed25519.ts";
import { MemoryLedger } from "./memory-ledger.ts";

const facts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: `fact ${from + i}`, bytes: utf8(`entry ${from + i}`) }));
const { trust } = MemoryLedger;
const verified = (ledger: MemoryLedger, override: Partial<VerifyLogOptions> = {}) =>
  verifyLog(ledger.source(), { trust, verify: verifyEd25519, ...override });
const found = async (ledger: MemoryLedger, override: Partial<VerifyLogOptions> = {}) =>
  (await verified(ledger, override)).findings.map(({ code, path, index }) =>
    index === undefined ? `${code} ${path}` : `${code} ${path} ${index}`,
  );

const log = new MemoryLedger();
// Checkpoints at 100, 300 and 700 entries: partial bundles and tiles of each are left beside the full ones.
beforeAll(async () => {
  for (const [from, to] of [
    [0, 100],
    [100, 300],
    [300, 700],
  ] as const)
    await sequence(facts(from, to), log.ports());
});

function damaged(damage: (ledger: MemoryLedger) => void): MemoryLedger {
  const twin = log.clone();
  damage(twin);
  return twin;
}

function flip(ledger: MemoryLedger, path: string, at: number): void {
  const bytes = ledger.objects.get(path)?.slice();
  if (bytes?.[at] === undefined) throw new Error(`${path} has no byte ${at}`);
  bytes[at] ^= 1;
  ledger.objects.set(path, bytes);
}

const withAlias = (ledger: MemoryLedger, bytes: Uint8Array) =>
  Object.assign(ledger, { alias: { bytes, version: "x" } });

describe("a whole log", () => {
  it("holds, and hands out every entry once and in order", async () => {
    const seen: string[] = [];
    const visit = (first: number, entries: readonly Uint8Array[]) => {
      expect(first).toBe(seen.length);
      seen.push(...entries.map(fromUtf8));
    };
    expect(await verified(log, { visit })).toMatchObject({ findings: [], checkpoint: { size: 700 } });
    expect(seen).toEqual(facts(0, 700).map(({ bytes }) => fromUtf8(bytes)));
  });

  it("holds at every size from nothing to over a bundle", async () => {
    const growing = new MemoryLedger();
    for (let size = 1; size <= 270; size += size < 250 ? 31 : 1) {
      await sequence(facts(0, size), growing.ports());
      expect(await found(growing)).toEqual([]);
    }
  });

  it("notices one changed bit of any object, whichever it is", async () => {
    for (const path of log.objects.keys()) {
      const length = log.objects.get(path)?.length ?? 0;
      for (const at of [0, 1, Math.floor(length / 2), length - 1]) {
        expect(await found(damaged((l) => flip(l, path, at))), `${path} at ${at}`).not.toEqual([]);
      }
    }
  });

  it("notices any object that is cut short or made longer", async () => {
    for (const [path, bytes] of log.objects) {
      const shorter = damaged((l) => void l.objects.set(path, bytes.subarray(0, -1)));
      const longer = damaged((l) => void l.objects.set(path, Uint8Array.of(...bytes, 0)));
      for (const changed of [shorter, longer]) expect(await found(changed), path).not.toEqual([]);
    }
  });

  it("notices every object that is missing, but a partial one that a full one replaced or an old checkpoint", async () => {
    const spare = /^tile\/(?:0|entries)\/00[01]\.p|^tile\/1\/000\.p\/1$|^checkpoints\//;
    for (const path of log.objects.keys()) {
      const findings = await found(damaged((l) => void l.objects.delete(path)));
      if (spare.test(path)) expect(findings, path).toEqual([]);
      else expect(findings.join(), path).toContain(path);
    }
  });
});

describe("a damaged log", () => {
  const entry = (bundle: string, text: string) => {
    const bytes = log.objects.get(bundle) ?? new Uint8Array();
    return Buffer.from(bytes).indexOf(text);
  };
  const swap = (ledger: MemoryLedger, one: string, other: string) => {
    const [a, b] = [ledger.objects.get(one), ledger.objects.get(other)];
    if (a && b) ledger.objects.set(one, b).set(other, a);
  };
  const cases: readonly [string, (ledger: MemoryLedger) => void, readonly `${LogFindingCode} ${string}`[]][] = [
    ["no checkpoint", (l) => Object.assign(l, { alias: undefined }), ["checkpoint-missing checkpoint"]],
    ["a broken checkpoint", (l) => withAlias(l, utf8("hello")), ["checkpoint-rejected checkpoint"]],
    [
      "a changed entry",
      (l) => flip(l, "tile/entries/001", entry("tile/entries/001", "entry 400")),
      [
        "entry-mismatch tile/0/001 400",
        "tile-mismatch tile/1/000.p/2",
        "root-mismatch checkpoint",
        "kept-checkpoint-mismatch checkpoints/700",
      ],
    ],
    [
      "two bundles in the wrong order",
      (l) => swap(l, "tile/entries/000", "tile/entries/001"),
      [
        "partial-mismatch tile/entries/000.p/100",
        "partial-mismatch tile/entries/001.p/44",
        "entry-mismatch tile/0/000 0",
        "partial-mismatch tile/0/000.p/100",
        "entry-mismatch tile/0/001 256",
        "partial-mismatch tile/0/001.p/44",
        "tile-mismatch tile/1/000.p/2",
        "partial-mismatch tile/1/000.p/1",
        "root-mismatch checkpoint",
        "kept-checkpoint-mismatch checkpoints/100",
        "kept-checkpoint-mismatch checkpoints/300",
        "kept-checkpoint-mismatch checkpoints/700",
      ],
    ],
    ["a missing bundle", (l) => void l.objects.delete("tile/entries/001"), ["entries-missing tile/entries/001"]],
    [
      "a bundle cut short",
      (l) => void l.objects.set("tile/entries/001", utf8("x")),
      ["entries-malformed tile/entries/001"],
    ],
    ["a missing tile", (l) => void l.objects.delete("tile/0/001"), ["tile-missing tile/0/001"]],
    ["a changed tile", (l) => flip(l, "tile/1/000.p/2", 0), ["tile-mismatch tile/1/000.p/2"]],
    [
      "a changed tile that is no longer needed",
      (l) => flip(l, "tile/0/000.p/100", 0),
      ["partial-mismatch tile/0/000.p/100"],
    ],
    [
      "a bundle that was never signed for",
      (l) => void l.objects.set("tile/entries/003", new Uint8Array()),
      ["beyond-checkpoint tile/entries/003"],
    ],
    [
      "a checkpoint that was kept back",
      (l) => void l.objects.set("checkpoints/701", utf8("")),
      ["beyond-checkpoint checkpoints/701"],
    ],
    [
      "something else among the tiles",
      (l) => void l.objects.set("tile/notes.txt", utf8("")),
      ["unknown-object tile/notes.txt"],
    ],
    [
      "a kept checkpoint of another spelling",
      (l) => void l.objects.set("checkpoints/0700", utf8("")),
      ["unknown-object checkpoints/0700"],
    ],
    [
      "a broken kept checkpoint",
      (l) => void l.objects.set("checkpoints/300", utf8("")),
      ["kept-checkpoint-rejected checkpoints/300"],
    ],
    [
      "a kept checkpoint that does not say when it was signed",
      (l) => {
        const [text = "", lines = ""] = fromUtf8(l.objects.get("checkpoints/300") ?? new Uint8Array()).split("\n\n");
        l.objects.set("checkpoints/300", utf8(`${text}\n\n${lines.split("\n")[0]}\n`));
      },
      ["kept-checkpoint-rejected checkpoints/300"],
    ],
    [
      "a kept checkpoint of another size",
      (l) => void l.objects.set("checkpoints/300", l.objects.get("checkpoints/100") ?? new Uint8Array()),
      ["kept-checkpoint-mismatch checkpoints/300"],
    ],
  ];

  it.each(cases)("with %s is told by name", async (_, damage, expected) => {
    expect(await found(damaged(damage))).toEqual(expected);
  });

  it("with a whole bundle and its hashes missing cannot be rebuilt, and says why", async () => {
    const ledger = damaged((l) => {
      l.objects.delete("tile/entries/001");
      l.objects.delete("tile/0/001");
    });
    const { findings } = await verified(ledger);
    expect(findings.map(({ sentence }) => sentence)).toContain("The entries from 256 on are missing.");
  });

  it("rewritten and signed again with another key is not that log", async () => {
    const imposter = testSigner(MemoryLedger.signer.origin, 9);
    const head = parseCheckpoint(log.alias?.bytes ?? new Uint8Array()).checkpoint;
    const bytes = await signCheckpoint(head, imposter, log.ports().clock());
    expect(await found(damaged((l) => withAlias(l, bytes)))).toEqual(["checkpoint-rejected checkpoint"]);
  });

  it("rewritten and signed again with its own key holds in itself, but not against the earlier head", async () => {
    const rewritten = new MemoryLedger();
    await sequence([{ id: "other", bytes: utf8("other") }, ...facts(1, 700)], rewritten.ports());
    expect(await found(rewritten)).toEqual([]);
    const since = parseCheckpoint(log.objects.get("checkpoints/300") ?? new Uint8Array()).checkpoint;
    expect(await found(rewritten, { since })).toContain("earlier-mismatch checkpoint");
  });

  it("whose old checkpoint was put back shows the tail that it hides", async () => {
    const old = log.objects.get("checkpoints/300") ?? new Uint8Array();
    const findings = await found(damaged((l) => withAlias(l, old)));
    expect(findings).toContain("beyond-checkpoint tile/entries/001");
    expect(findings).toContain("beyond-checkpoint checkpoints/700");
  });
});

describe("a log verified before", () => {
  const headAt = (size: number) => {
    const bytes = log.objects.get(`checkpoints/${size}`) ?? new Uint8Array();
    return parseCheckpoint(bytes).checkpoint;
  };

  it.each([100, 300, 700])("at %i entries is verified on from there", async (size) => {
    const asked: string[] = [];
    const source = log.source();
    const read = async (path: string) => {
      asked.push(path);
      return await source.read(path);
    };
    const result = await verifyLog({ ...source, read }, { trust, verify: verifyEd25519, since: headAt(size) });
    expect(result.findings).toEqual([]);
    expect(asked.includes("tile/entries/000")).toBe(size < 256);
    expect(asked.includes("tile/entries/001")).toBe(size < 512);
    expect(asked.some((path) => path.startsWith("tile/entries/002"))).toBe(true);
  });

  it("notices damage after the earlier head, and in what it goes on from", async () => {
    const since = headAt(300);
    expect(
      await found(
        damaged((l) => flip(l, "tile/entries/002.p/188", 5)),
        { since },
      ),
    ).toContain("entry-mismatch tile/0/002.p/188 512");
    expect(
      await found(
        damaged((l) => flip(l, "tile/1/000.p/2", 0)),
        { since },
      ),
    ).toContain("earlier-mismatch checkpoint");
    expect(
      await found(
        damaged((l) => void l.objects.delete("tile/1/000.p/2")),
        { since },
      ),
    ).toEqual(["earlier-mismatch checkpoint"]);
  });

  it("is not one that is shorter now", async () => {
    const shorter = damaged((l) => withAlias(l, log.objects.get("checkpoints/300") ?? new Uint8Array()));
    expect(await found(shorter, { since: headAt(700) })).toContain("earlier-mismatch checkpoint");
  });

  it("is not one with another head of the same size", async () => {
    const since = { size: 700, root: headAt(300).root };
    expect(await found(log, { since })).toEqual(["earlier-mismatch checkpoint"]);
    const full = new MemoryLedger();
    await sequence(facts(0, 512), full.ports());
    expect(await found(full, { since: { size: 512, root: since.root } })).toEqual(["earlier-mismatch checkpoint"]);
  });

  it("below one bundle is held to its head as well", async () => {
    expect(await found(log, { since: { size: 100, root: headAt(300).root } })).toEqual(["earlier-mismatch checkpoint"]);
    expect(await found(log, { since: { size: 800, root: headAt(300).root } })).toEqual(["earlier-mismatch checkpoint"]);
    const short = new MemoryLedger();
    await sequence(facts(0, 10), short.ports());
    expect(await found(short, { since: headAt(100) })).toEqual(["earlier-mismatch checkpoint"]);
  });
});
