import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { checkCheckpoint, parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { type CosignPorts, cosignPublished, type Witness } from "../../../core/ledger/cosign.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import { republishCheckpoint, sequence } from "../../../core/ledger/sequence.ts";
import { addCheckpoint, type WitnessedHead } from "../../../core/ledger/witness.ts";
import { parseAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { testSigner, verifyEd25519 } from "./ed25519.ts";
import { MemoryLedger } from "./memory-ledger.ts";

const now = instantFromMs(Date.UTC(2026, 10, 22));
const facts = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ id: `fact ${from + at}`, bytes: utf8(`fact ${from + at}`) }));

/** A witness that does as it should, with what it was sent. */
function witnessOf(name: string, seed: number, clock = () => now) {
  const signer = testSigner(name, seed);
  const key = noteKey(name, "cosignature/v1", signer.publicKey);
  let head: WitnessedHead | undefined;
  const asked: number[] = [];
  const send: Witness["send"] = async (body) => {
    asked.push(parseAddCheckpoint(body).oldSize);
    const answer = await addCheckpoint(body, {
      logs: new Map([[MemoryLedger.signer.origin, [MemoryLedger.signer.publicKey]]]),
      heads: {
        load: async () => head,
        move: async (_, __, next) => {
          head = next;
          return "moved";
        },
      },
      ...{ key, sign: signer.sign, verify: verifyEd25519, clock },
    });
    if ("lines" in answer) return { status: 200, body: utf8(answer.lines) };
    return "size" in answer ? { status: 409, body: utf8(`${answer.size}\n`) } : { status: 422, body: utf8("") };
  };
  return { witness: { key, send }, asked };
}

const answering =
  (status: number, body: string): Witness["send"] =>
  async () => ({ status, body: utf8(body) });
const one = witnessOf("witness.example/w1", 2).witness;
const { key } = one;

let log: MemoryLedger;
beforeAll(async () => {
  log = new MemoryLedger();
  await sequence(facts(5), log.ports());
});

function ports(ledger: MemoryLedger, ...witnesses: readonly Witness[]): CosignPorts {
  return { objects: ledger.ports().objects, witnesses, verify: verifyEd25519, clock: () => now };
}

/** By whom the published checkpoint is cosigned. */
async function cosigners(ledger: MemoryLedger, ...witnesses: readonly Witness[]): Promise<readonly string[]> {
  const trust = { ...MemoryLedger.trust, witnesses: witnesses.map((each) => each.key), witnessesNeeded: 0 };
  const check = await checkCheckpoint(ledger.alias?.bytes ?? new Uint8Array(), trust, verifyEd25519);
  return check.status === "verified" ? check.witnesses.map((each) => each.key.name) : [];
}

describe("a published checkpoint", () => {
  it("is shown to each witness, and carries the cosignatures that they give", async () => {
    const ledger = log.clone();
    const first = witnessOf("witness.example/w1", 2).witness;
    const second = witnessOf("witness.example/w2", 3).witness;
    expect(await cosignPublished(ports(ledger, first, second))).toEqual([
      { witness: "witness.example/w1", outcome: "cosigned" },
      { witness: "witness.example/w2", outcome: "cosigned" },
    ]);
    expect(await cosigners(ledger, first, second)).toEqual(["witness.example/w1", "witness.example/w2"]);
    expect(parseCheckpoint(ledger.alias?.bytes ?? new Uint8Array()).checkpoint.size).toBe(5);
  });

  it("is cosigned once, however often it is shown, and written only with something new", async () => {
    const ledger = log.clone();
    const { witness, asked } = witnessOf("witness.example/w1", 2);
    await cosignPublished(ports(ledger, witness));
    const { puts, alias } = ledger;
    expect(await cosignPublished(ports(ledger, witness))).toEqual([
      { witness: "witness.example/w1", outcome: "cosigned-before" },
    ]);
    expect([ledger.puts, ledger.alias, asked]).toEqual([puts, alias, [0]]);
    expect(await cosignPublished(ports(ledger, { key, send: answering(503, "") }))).toHaveLength(1);
    expect(ledger.puts).toBe(puts);
  });

  it("takes a cosignature also when the log signs the same head again while it is asked for", async () => {
    const ledger = log.clone();
    const { witness } = witnessOf("witness.example/w1", 2);
    const slow: Witness = {
      ...witness,
      send: async (body) => {
        const answer = await witness.send(body);
        ledger.now += 600_000;
        await republishCheckpoint(ledger.ports());
        return answer;
      },
    };
    const before = ledger.alias?.version;
    await cosignPublished(ports(ledger, slow));
    expect(ledger.alias?.version).not.toBe(before);
    expect(await cosigners(ledger, witness)).toEqual(["witness.example/w1"]);
  });

  it("is shown again to a witness that has seen a smaller tree, with a proof from there", async () => {
    const ledger = log.clone();
    const { witness, asked } = witnessOf("witness.example/w1", 2);
    await cosignPublished(ports(ledger, witness));
    await sequence(facts(4, 5), ledger.ports());
    expect(await cosignPublished(ports(ledger, witness))).toEqual([
      { witness: "witness.example/w1", outcome: "cosigned" },
    ]);
    expect(asked).toEqual([0, 0, 5]);
  });

  it("is nothing to show where nothing was published", async () => {
    expect(await cosignPublished(ports(new MemoryLedger(), one))).toEqual([]);
  });

  it("that was published meanwhile is not replaced by the older one", async () => {
    const ledger = log.clone();
    const { witness } = witnessOf("witness.example/w1", 2);
    const slow: Witness["send"] = async (body) => {
      await sequence(facts(1, 5), ledger.ports());
      return witness.send(body);
    };
    expect(await cosignPublished(ports(ledger, { key: witness.key, send: slow }))).toMatchObject([
      { outcome: "cosigned" },
    ]);
    expect(parseCheckpoint(ledger.alias?.bytes ?? new Uint8Array()).checkpoint.size).toBe(6);
    expect(await cosigners(ledger, witness)).toEqual([]);
  });
});

describe("a witness that does not cosign", () => {
  const asked = async (send: Witness["send"], ledger = log.clone()) => {
    const [outcome] = await cosignPublished(ports(ledger, { key, send }));
    return outcome;
  };

  it.each<[string, Witness["send"], string]>([
    ["answers something else", answering(422, ""), "It answered 422."],
    ["says that it has no size, and no more", answering(409, "0\n"), "It answered 409."],
    ["names a size that is none", answering(409, "many"), "the witness answered no size"],
    ["has cosigned more than was published", answering(409, "6\n"), "the log has published 5."],
    ["answers no signature", answering(200, ""), "signature"],
    ["answers what is no text", async () => ({ status: 200, body: new Uint8Array([255]) }), ""],
  ])("refuses: it %s", async (_, send, why) => {
    expect(await asked(send)).toEqual({
      witness: "witness.example/w1",
      outcome: "refused",
      why: expect.stringContaining(why),
    });
  });

  it("refuses: its cosignature is of a time to come, also one that was published before", async () => {
    const tomorrow = witnessOf("witness.example/w1", 2, () => addSeconds(now, 61)).witness;
    const why = "Its cosignature is of a time to come.";
    expect(await asked(tomorrow.send)).toEqual({ witness: "witness.example/w1", outcome: "refused", why });
    const ledger = log.clone();
    await cosignPublished({ ...ports(ledger, tomorrow), clock: () => addSeconds(now, 60) });
    expect(await cosigners(ledger, one)).toEqual(["witness.example/w1"]);
    expect(await asked(witnessOf("witness.example/w1", 2).witness.send, ledger)).toMatchObject({ outcome: "cosigned" });
  });

  it("refuses: its cosignature is another's, or over another checkpoint", async () => {
    const other = witnessOf("witness.example/w2", 3).witness;
    expect(await asked(other.send)).toMatchObject({ outcome: "refused", why: "Its cosignature does not verify." });
    const impostor = witnessOf("witness.example/w1", 4).witness;
    expect(await asked(impostor.send)).toMatchObject({ outcome: "refused", why: "Its cosignature does not verify." });
    const elsewhere = new MemoryLedger();
    await sequence(facts(3), elsewhere.ports());
    const past = witnessOf("witness.example/w1", 2).witness;
    await cosignPublished(ports(elsewhere, past));
    const [, line = ""] =
      /\n(— witness\.example\/w1 .+\n)/.exec(new TextDecoder().decode(elsewhere.alias?.bytes)) ?? [];
    expect(line).not.toBe("");
    expect(await asked(answering(200, line))).toMatchObject({
      outcome: "refused",
      why: "Its cosignature does not verify.",
    });
  });

  it("is ahead where a larger tree was published meanwhile", async () => {
    const ledger = log.clone();
    const ahead: Witness["send"] = async () => {
      await sequence(facts(1, 5), ledger.ports());
      return { status: 409, body: utf8("6\n") };
    };
    expect(await asked(ahead, ledger)).toEqual({ witness: "witness.example/w1", outcome: "ahead" });
  });

  it("is silent where no answer came, and any other error is thrown", async () => {
    const failing =
      (error: Error): Witness["send"] =>
      async () =>
        Promise.reject(error);
    expect(await asked(failing(new Failure("unavailable", "Nobody answered.")))).toEqual({
      ...{ witness: "witness.example/w1", outcome: "silent" },
      why: "Nobody answered.",
    });
    await expect(asked(failing(new Error("a mistake")))).rejects.toThrow("a mistake");
  });

  // The alarm for what is refused says that the log may be forked.
  it.each([429, 500, 502, 503, 504])("is silent where it, or what stands before it, answers %i", async (status) => {
    const expected = { witness: "witness.example/w1", outcome: "silent", why: `It answered ${status}.` };
    expect(await asked(answering(status, "Service Unavailable"))).toEqual(expected);
    let calls = 0;
    const midway: Witness["send"] = async () =>
      calls++ === 0 ? { status: 409, body: utf8("3\n") } : { status, body: utf8("") };
    expect(await asked(midway)).toEqual(expected);
  });

  it("keeps no other from being asked", async () => {
    const ledger = log.clone();
    const { witness } = witnessOf("witness.example/w2", 3);
    const outcomes = await cosignPublished(ports(ledger, { key, send: answering(500, "") }, witness));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["silent", "cosigned"]);
    expect(await cosigners(ledger, witness)).toEqual(["witness.example/w2"]);
  });
});
