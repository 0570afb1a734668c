import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import { checkCheckpoint, parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { leafHash, merkleRoot } from "../../../core/ledger/merkle.ts";
import { consistencyProofOf } from "../../../core/ledger/merkle-proofs.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import {
  addCheckpoint,
  type WitnessAnswer,
  type WitnessedHead,
  type WitnessPorts,
} from "../../../core/ledger/witness.ts";
import {
  formatAddCheckpoint,
  formatSignatureLines,
  parseAddCheckpoint,
  parseSignatureLines,
  parseSize,
} from "../../../core/ledger/witness-request.ts";
import { codeOf } from "../refusal.ts";
import { testSigner, verifyEd25519 } from "./ed25519.ts";

const log = testSigner("countersign.example/ledger", 1);
const own = testSigner("witness.example/w1", 2);
const key = noteKey(own.origin, "cosignature/v1", own.publicKey);
const now = instantFromMs(Date.UTC(2026, 10, 22));
const leavesOf = (size: number, fork = "") =>
  Array.from({ length: size }, (_, at) => leafHash(utf8(`${at}${at < 5 ? "" : fork}`)));

class Witness {
  head: WitnessedHead | undefined;
  readonly ports: WitnessPorts = {
    logs: new Map([[log.origin, [log.publicKey]]]),
    heads: {
      load: async () => this.head,
      move: async (_, expected, next) => {
        if (this.head !== expected) return "lost";
        this.head = next;
        return "moved";
      },
    },
    key,
    sign: own.sign,
    verify: verifyEd25519,
    clock: () => now,
  };

  async show(size: number, oldSize: number, { fork = "", signer = log } = {}): Promise<WitnessAnswer> {
    return addCheckpoint(await request(size, oldSize, { fork, signer }), this.ports);
  }
}

async function request(size: number, oldSize: number, { fork = "", signer = log } = {}): Promise<Uint8Array> {
  const leaves = leavesOf(size, fork);
  const proof = oldSize > size ? [] : consistencyProofOf(leaves, oldSize);
  return formatAddCheckpoint({ oldSize, proof, checkpoint: await head(size, { fork, signer }) });
}

const head = (size: number, { fork = "", signer = log } = {}) =>
  signCheckpoint({ size, root: merkleRoot(leavesOf(size, fork)) }, signer, now);

const kindOf = ({ kind }: WitnessAnswer) => kind;

describe("a witness cosigns", () => {
  it("a log that it has never seen, and goes on with it from there", async () => {
    const witness = new Witness();
    for (const [size, old] of [
      [3, 0],
      [8, 3],
      [300, 8],
    ] as const) {
      const answer = await witness.show(size, old);
      expect(kindOf(answer)).toBe("cosigned");
      const cosigned = concatBytes([await head(size), utf8("lines" in answer ? answer.lines : "")]);
      const trust = { origin: log.origin, keys: [log.publicKey], witnesses: [key], witnessesNeeded: 1 };
      expect(await checkCheckpoint(cosigned, trust, verifyEd25519)).toMatchObject({
        status: "verified",
        witnesses: [{ key, at: now }],
      });
    }
  });

  it("under the time at which it was the largest that it had seen", async () => {
    const witness = new Witness();
    let seconds = 0;
    const { load, move } = witness.ports.heads;
    const slow: WitnessPorts["heads"]["move"] = async (...moved) => {
      const answer = await move(...moved);
      seconds = 60;
      return answer;
    };
    const ports = { ...witness.ports, heads: { load, move: slow }, clock: () => addSeconds(now, seconds) };
    const answer = await addCheckpoint(await request(7, 0), ports);
    const cosigned = concatBytes([await head(7), utf8("lines" in answer ? answer.lines : "")]);
    const trust = { origin: log.origin, keys: [log.publicKey], witnesses: [key] };
    expect(await checkCheckpoint(cosigned, trust, verifyEd25519)).toMatchObject({ witnesses: [{ at: now }] });
  });

  it("the same tree again, as often as it is published", async () => {
    const witness = new Witness();
    await witness.show(7, 0);
    expect(kindOf(await witness.show(7, 7))).toBe("cosigned");
  });
});

describe("a witness refuses, and stays where it was,", () => {
  it.each<[string, WitnessAnswer["kind"], (witness: Witness) => Promise<WitnessAnswer>]>([
    ["what is no request", "malformed", (w) => addCheckpoint(utf8("old 7\n\nnothing"), w.ports)],
    ["an old tree that is larger than the new one", "malformed", (w) => w.show(6, 7)],
    ["a log that it does not watch", "unknown-log", (w) => w.show(8, 7, { signer: testSigner("other.example", 1) })],
    ["a head by a key that it does not know", "not-signed", (w) => w.show(8, 7, { signer: testSigner(log.origin, 9) })],
    ["another old size than its own", "other-size", (w) => w.show(8, 5)],
    ["an old size that it has not seen yet", "other-size", (w) => w.show(9, 8)],
    ["an older tree than it has seen", "other-size", (w) => w.show(6, 6)],
    ["another tree of the size that it has seen", "forked", (w) => w.show(7, 7, { fork: "x" })],
    ["a larger tree that does not begin with its own", "bad-proof", (w) => w.show(9, 7, { fork: "x" })],
  ])("%s", async (_, kind, show) => {
    const witness = new Witness();
    await witness.show(7, 0);
    const before = witness.head;
    expect(kindOf(await show(witness))).toBe(kind);
    expect(witness.head).toEqual(before);
  });

  it("a tree that another request has overtaken: it is told the size that counts now", async () => {
    const witness = new Witness();
    await witness.show(7, 0);
    const { load } = witness.ports.heads;
    const overtaken = { ...witness.ports, heads: { load, move: async () => "lost" as const } };
    expect(await addCheckpoint(await request(8, 7), overtaken)).toEqual({ kind: "other-size", size: 7 });
  });
});

it("whatever is shown in whatever order, all that was cosigned is one log", async () => {
  const shown = fc.record({
    size: fc.integer({ min: 1, max: 12 }),
    old: fc.integer({ min: 0, max: 12 }),
    fork: fc.constantFrom("", "x"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shown, { maxLength: 12 }), async (requests) => {
      const witness = new Witness();
      const cosigned: { readonly size: number; readonly fork: string }[] = [];
      for (const { size, old, fork } of requests) {
        if (kindOf(await witness.show(size, old, { fork })) === "cosigned") cosigned.push({ size, fork });
      }
      const sizes = cosigned.map(({ size }) => size);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
      // The two histories are one up to the fifth entry.
      expect(new Set(cosigned.filter(({ size }) => size > 5).map(({ fork }) => fork)).size).toBeLessThan(2);
    }),
    { numRuns: 60 },
  );
});

describe("the request", () => {
  // The example of https://c2sp.org/tlog-witness, section 'add-checkpoint'.
  const example = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;

  it("is read and written as the specification shows it", () => {
    const read = parseAddCheckpoint(utf8(example));
    expect([read.oldSize, read.proof.length]).toEqual([20_852_014, 4]);
    expect(fromUtf8(formatAddCheckpoint(read))).toBe(example);
  });

  it.each([
    ["a leading zero", example.replace("old 2", "old 02"), "old size"],
    ["no old size", example.replace("old ", "new "), "old size"],
    [
      "a hash that is too short",
      example.replace("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "PlRN"),
      "not a SHA-256",
    ],
    ["a line that is not base64", example.replace("PlRN", "Pl*N"), "not base64"],
    [
      "64 hashes",
      example.replace("old 20852014\n", `old 1\n${"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(64)}`),
      "more than 63",
    ],
    ["nothing behind the proof", "old 1\n", "no empty line"],
    ["more than anybody needs", example + "x".repeat(70_000), "longer than"],
  ])("is refused with %s", (_, body, why) => {
    expect(() => parseAddCheckpoint(utf8(body))).toThrow(why);
  });

  const proofOf = (lines: number) => `old 1\n${"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n".repeat(lines)}\nnote`;

  it("holds up to 63 hashes, and up to 64 KB", () => {
    expect(parseAddCheckpoint(utf8(proofOf(63))).proof).toHaveLength(63);
    const longest = `old 1\n\n${"x".repeat(65_536 - 7)}`;
    expect(parseAddCheckpoint(utf8(longest))).toMatchObject({ oldSize: 1, proof: [] });
    expect(codeOf(() => parseAddCheckpoint(utf8(`${longest}x`)))).toMatchObject({ code: "ledger-invalid" });
  });

  it.each(["xold 1\n\nnote", "old 1 \n\nnote", "old 9007199254740992\n\nnote", "\n\nnote"])(
    "is refused where its first line is another: %j",
    (body) => {
      expect(() => parseAddCheckpoint(utf8(body))).toThrow("it does not begin with the old size");
    },
  );

  it("is refused where it is no text", () => {
    expect(() => parseAddCheckpoint(new Uint8Array([255]))).toThrow("it is not UTF-8");
  });
});

describe("the answer of a witness", () => {
  it.each([
    ["0\n", 0],
    ["7\n", 7],
    ["20852014\n", 20_852_014],
  ])("names a size: %j", (body, size) => {
    expect(parseSize(utf8(body))).toBe(size);
  });

  it.each(["", "7", "07\n", "x7\n", "7\n\n", "-1\n", "many\n", "9007199254740992\n", `${"1".repeat(64)}\n`])(
    "names none: %j",
    (body) => {
      expect(() => parseSize(utf8(body))).toThrow("the witness answered no size");
    },
  );

  it("holds the lines of its signatures alone", async () => {
    const { note } = parseCheckpoint(await head(3));
    const lines = formatSignatureLines(note.text, note.signatures);
    expect(lines).toMatch(/^— countersign\.example\/ledger /);
    expect(parseSignatureLines(note.text, utf8(lines))).toEqual(note);
  });
});
