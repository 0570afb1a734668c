import { afterAll, describe, expect, it } from "vitest";
import { verificationLines } from "../../cli/verification-text.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { msOfInstant } from "../../core/encoding/instant.ts";
import { publish, readPublished } from "../../core/ledger/publish.ts";
import { sequence } from "../../core/ledger/sequence.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { ledgerEntry } from "../../core/promotion/ledger-record.ts";
import { type Files, packOf, verified } from "../core/archive/memory-pack.ts";
import { smallFacts } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, told } from "../core/archive/told.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// The last record of a log as a service might write it, byte for byte: what one verifier takes and the other does not is for the
// service to choose.

const { rejected } = told;
const at = smallFacts.at(-1)?.at ?? expect.unreachable();
const question: Fact = {
  id: `${rejected}/question/q1`,
  type: "question",
  at,
  promotion: rejected,
  summary: "It was asked.",
  body: { question: "q1", text: "Why?", by: { issuer: "https://id.example", subject: "x" }, name: "N" },
  attachments: [],
};

async function packWith(last: Uint8Array): Promise<Files> {
  const log = new MemoryLedger();
  const entries = [...smallFacts.map((fact) => ({ at: fact.at, bytes: ledgerEntry(fact) })), { at, bytes: last }];
  for (const [id, entry] of entries.entries()) {
    log.now = Math.max(log.now, msOfInstant(entry.at)) + 1000;
    await sequence([{ id: `${id}`, bytes: entry.bytes }], log.ports());
  }
  log.now += 906_000;
  const { range } = log.state ?? expect.unreachable();
  await publish(range, await readPublished(log.ports()), log.ports());
  const house = { facts: [], blobs: told.house.blobs, attestation: { key: attestationKeyOfPack } };
  return await packOf({ house }, { facts: [], log });
}

const written = (from: string, to: string, fact = question) =>
  utf8(fromUtf8(ledgerEntry(fact)).replace(from, () => to));
const named = (name: string) => written('"name":"N"', `"name":${name}`);
const about = (over: Partial<Fact>) => written("", "", { ...question, ...over });
const asked = (id: string, said: Fact["body"][string] = id) =>
  about({ id: `${rejected}/question/${id}`, body: { ...question.body, question: said } });
const letter = (id: string) => about({ id: `${rejected}/${id}`, type: "notification-sent", body: {} });
const nested = (depth: number) => {
  const name = JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
  return about({ body: { ...question.body, name } });
};

const noRecord = /^Entry \d+ is no record that is known here\.$/;
/** Each record, what our verifier says of it, and what the second one does; nothing where both take it. */
const records: Readonly<Record<string, readonly [Uint8Array, RegExp?, RegExp?]>> = {
  "a question": [written("", "")],
  "a number that no double is": [named("9007199254740993"), noRecord, /not canonical/],
  "a larger one": [named("100000000000000000001"), noRecord, /not canonical/],
  "the largest that all doubles are": [named("9007199254740992")],
  "a large one as ECMAScript writes it": [named("123456789012345680000")],
  "the same in more digits": [named("1000000000000000000000"), noRecord, /not canonical/],
  "a small one": [named("5e-324")],
  "nothing below zero": [named("-0"), noRecord, /not canonical/],
  "one member more": [written('{"at"', '{"a":1,"at"'), noRecord, /is no record of version 1 \(a\)/],
  "no summary": [written('"summary":"It was asked.",', ""), noRecord, /is no record of version 1 \(summary\)/],
  "a summary that is none": [written('"It was asked."', "1"), noRecord, /is no record of version 1 \(summary\)/],
  "a version that is none": [
    written('"recordVersion":1', '"recordVersion":true'),
    noRecord,
    /is no record of version 1 \(recordVersion\)/,
  ],
  "a later version": [written('"recordVersion":1', '"recordVersion":2'), /of version 2/, /NOT CHECKED: .* version 2/],
  "a type that is not known": [
    about({ type: "questioned" as Fact["type"] }),
    /of the type 'questioned'/,
    /NOT CHECKED: .* of the type 'questioned'/,
  ],
  "an id that is too long": [asked("q".repeat(400)), noRecord, /is no record of version 1 \(id\)/],
  "a body that is a list": [
    about({ id: `${rejected}/link-opened/m1`, type: "link-opened", body: [] as unknown as Fact["body"] }),
    noRecord,
    /is no record of version 1 \(body\)/,
  ],
  "a document with a member more": [
    about({ attachments: [{ name: "x", mediaType: "a/b", sha256: "0".repeat(64), more: 1 } as never] }),
    noRecord,
    /is no record of version 1 \(attachments\.0\.more\)/,
  ],
  "a time before 1970": [
    about({ at: "1969-12-31T00:00:00.000Z" as Fact["at"] }),
    noRecord,
    /no record of version 1 \(at\)/,
  ],
  "a time that there was not": [
    about({ at: "2026-02-30T00:00:00.000Z" as Fact["at"] }),
    noRecord,
    /is no record of version 1 \(at\)/,
  ],
  "an id whose part is a number": [asked("7", 7)],
  "an id whose part is a list": [asked("7", ["7"]), /says that its id is/, /is not the id of what it says/],
  "an id with a line in it": [asked("q\n1")],
  "a letter by a number alone": [letter("11"), /is no id of a record/, /is no id of a record/],
  "a letter by a number and the end of a line": [letter("1\n")],
  "a letter by a number in other digits": [letter("1\u0661")],
  "a deployment reported of what nobody was to deploy": [
    about({ id: `${rejected}/deployment-reported`, type: "deployment-reported", body: { outcome: "deployed" } }),
    /What came of a deployment is reported, and nobody was waited for to deploy it/,
    /what came of a deployment is reported, and nobody was waited for to deploy it/,
  ],
  "a plan reported as applied of what nobody approved": [
    about({
      ...{ id: `${rejected}/plan-reported/${"a".repeat(64)}`, type: "plan-reported" },
      body: { plan: "a".repeat(64), outcome: "applied" },
    }),
    /What became of a plan is reported, and no verdict let anybody apply it/,
    /what became of a plan is reported, and no verdict let anybody apply it/,
  ],
  "as deep as JSON may be": [nested(62)],
  "one deeper": [nested(63), noRecord, /nested too deeply/],
};

describe.each(Object.entries(records))("%s", (_, [last, ours, theirs]) => {
  let pack: Promise<Files> | undefined;
  const make = () => {
    pack ??= packWith(last);
    return pack;
  };
  afterAll(() => {
    pack = undefined;
  });

  it("is taken by our verifier only as it is to be written", async () => {
    const { holds, findings } = await verified(await make());
    expect(holds).toBe(ours === undefined);
    if (ours !== undefined)
      expect(findings).toContainEqual(expect.objectContaining({ sentence: expect.stringMatching(ours) }));
  });

  withTool(
    python,
    "is taken by the second verifier only as it is to be written",
    async () => {
      await expectVerdict(await make(), theirs);
    },
    async () => requireOnThePage(await make()),
  );
});

describe("whoever reads what a verifier says of a pack", () => {
  // It goes up a line, clears it and says something else; in a terminal nothing would be left of the refusal.
  const holds = "Everything that was checked holds.";
  const pack = () => packWith(asked(`q\r\u001b[2K\u001b[1A\n\u202e${holds}\n`, "q1"));

  it("reads no line that the pack has it say", async () => {
    const lines = verificationLines(await verified(await pack()));
    expect(lines.filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^FAILED: /);
  });

  withTool(
    python,
    "reads no line of the second one either that the pack has it say",
    async () => {
      const { status, output } = await verdictOn(await pack());
      const lines = output.trimEnd().split("\n");
      expect(lines.filter((line) => /[\p{Cc}\p{Cf}]/u.test(line))).toEqual([]);
      expect([status, lines.at(-1), lines.includes(holds)]).toEqual([1, expect.stringMatching(/^REFUSED: /), false]);
    },
    async () => requireOnThePage(await pack()),
  );
});
