import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { requireKeepable } from "../../../adapters/dynamodb/kept-policies.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, minuteText } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { readBundle } from "../../../core/policy/policy-bundle.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type ProposePolicyPorts, proposePolicy } from "../../../functions/api/propose-policy/handler.ts";
import { channelKinds } from "../../../functions/telling/channel-kinds.ts";
import { directory, ines, lars, mira, noor, noorAgain, policies, priya } from "../../api/service-in-memory.ts";
import { shippedWith } from "../../core/archive/house.ts";
import { shippedPolicy } from "../../core/gates/candidate.ts";
import { digestOf, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const { texts, wasm } = policies.bundle;
const higherBar = texts["thresholds.yaml"].replace("auc: { min: 0.65 }", "auc: { min: 0.7 }");
const shippedFiles: Readonly<Record<string, string>> = { ...texts, "compiled/gates.wasm": base64(wasm) };
const proposal = { title: "a higher bar", files: { ...shippedFiles, "thresholds.yaml": higherBar } };

/** A service without promotions, and what it left in the exchange bucket and started. */
function scene(change: Partial<ProposePolicyPorts> = {}, open: readonly Promotion[] = []) {
  const promotions = new MemoryPromotions();
  const left: Uint8Array[] = [];
  const started: string[] = [];
  const propose = proposePolicy({
    now: () => now,
    policy: policies,
    inForce: async () => ({ digest: policies.digest, documents: [], since: now, number: 1 }),
    builtinsIn: () => [],
    requireKeepable,
    channelKinds: channelKinds({ SENDER_ADDRESS: "", MAIL_CONFIGURATION_SET: "" }),
    tryGates: () => shippedPolicy.evaluate,
    directory,
    verifyPerson: async () => ({ ...mira, authenticatedAt: now }),
    promotions: {
      load: promotions.load,
      create: promotions.create,
      // As the table gives them: so many at a time, the newest first, and with `among` those that it comes upon among these.
      list: async (
        filter: { readonly status: Status } | { readonly among?: readonly Status[] },
        limit: number,
        from = "0",
      ) => {
        const all = open.toSorted((a, b) => b.submittedAt.localeCompare(a.submittedAt));
        const listed = "status" in filter ? all.filter(({ status }) => status === filter.status) : all;
        const page = listed.slice(Number(from), Number(from) + limit);
        const wanted = "among" in filter ? page.filter(({ status }) => filter.among?.includes(status)) : page;
        const next = Number(from) + limit;
        return { promotions: wanted, ...(next < listed.length ? { next: `${next}` } : {}) };
      },
    },
    files: { leave: async (folder, bytes) => ({ uri: `s3://exchange/${folder}/${left.push(bytes)}` }) },
    start: async (id) => {
      started.push(id);
    },
    ...change,
  });
  const ask = (body: unknown) =>
    propose({
      ...{ method: "POST", route: "/v1/policy/proposals", parameters: {}, query: {} },
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(body)),
    });
  return { ask, left, started, promotions };
}

/** What was refused leaves nothing behind: no file, no promotion, no execution. */
async function refused(
  given: ReturnType<typeof scene>,
  body: unknown,
  started: readonly string[] = [],
): Promise<Failure> {
  const failure = await given.ask(body).then(
    () => expect.unreachable("It was taken."),
    (error: unknown) => error,
  );
  if (!(failure instanceof Failure)) throw failure;
  expect([given.left, given.started, given.promotions.all()]).toEqual([[], started, []]);
  return failure;
}

describe("a proposal of other policies", () => {
  const as = (person: typeof noor) => ({ verifyPerson: async () => ({ ...person, authenticatedAt: now }) });

  it("becomes a promotion of exactly these files, with what differs, and starts", async () => {
    const given = scene();
    const answer = await given.ask(proposal);
    expect(answer).toMatchObject({
      status: 202,
      json: {
        status: "gating",
        former: policies.digest,
        proposed: expect.stringMatching(/^[0-9a-f]{64}$/),
        changes: expect.arrayContaining(["New: recommendation in production: AUC at least 0.7."]),
      },
    });
    const { id, proposed, changes } = answer.json as Readonly<Record<"id" | "proposed" | "changes", unknown>>;
    expect(given.started).toEqual([id]);
    expect(given.promotions.all()).toHaveLength(1);
    const check = given.left.at(-1) ?? new Uint8Array();
    expect(given.left).toHaveLength(4);
    expect(readBundle(given.left.slice(0, -1)).texts["thresholds.yaml"]).toBe(higherBar);
    expect(JSON.parse(fromUtf8(check))).toMatchObject({ former: policies.digest, proposed, changes });
  });

  it.each<[Status, RegExp]>([
    ["gating", /would go back to its gates/],
    ["shadowing", /would go back to its gates/],
    ["in-review", /would go back to its gates/],
    ["approved", /would go back to its gates/],
    ["loaned", /runs on loan, and could not be ratified/],
  ])("says what becomes of open promotions: %s", async (status, sentence) => {
    const open = promotionInReview({ status });
    const answer = await scene({}, [open]).ask(proposal);
    expect(answer.json).toMatchObject({
      effects: [{ promotion: open.id, sentence: expect.stringMatching(sentence) }],
    });
  });

  it("is the same promotion when it is asked for again, and its start is repaired", async () => {
    const given = scene();
    const first = await given.ask(proposal);
    const second = await given.ask(proposal);
    expect(second).toMatchObject({ status: 200, json: { id: (first.json as { id: string }).id } });
    expect(given.started).toHaveLength(2);
    expect(given.promotions.all()).toHaveLength(1);
  });

  it("is not taken beside somebody else's that is open: that would take its place, and what was signed for it would fall", async () => {
    const given = scene();
    await given.ask(proposal);
    const [theirs = expect.unreachable()] = given.promotions.all();
    for (const status of ["gating", "in-review", "approved"] as const) {
      const other = scene({ verifyPerson: async () => ({ ...noor, authenticatedAt: now }) }, [{ ...theirs, status }]);
      const failure = await refused(other, proposal, status === "gating" ? [theirs.id] : []);
      expect([failure.code, failure.message]).toEqual([
        "conflict",
        expect.stringContaining(
          `Somebody else's proposal is open (${theirs.id}) until ${minuteText(theirs.expiresAt)}: Mira asked to put other policies in force: a higher bar. Propose again once it has ended`,
        ),
      ]);
    }
    // What has not noticed yet that its time is over keeps nobody from proposing.
    const over = { ...theirs, status: "in-review" as const, expiresAt: now };
    const late = scene({ verifyPerson: async () => ({ ...noor, authenticatedAt: now }) }, [over]);
    expect(await late.ask(proposal)).toMatchObject({ status: 202 });
    const ended = scene({ verifyPerson: async () => ({ ...noor, authenticatedAt: now }) }, [
      { ...theirs, status: "rejected" },
    ]);
    expect(await ended.ask(proposal)).toMatchObject({ status: 202 });
  });

  it("looks at 500 promotions that are open, says how many more there are, and finds a proposal behind them all", async () => {
    const open = Array.from({ length: 503 }, (_, at) =>
      promotionInReview({ id: `p-${String(at).padStart(32, "0")}-1` as Promotion["id"], status: "gating" }),
    );
    const given = scene({}, open);
    const { json } = await given.ask(proposal);
    expect(json).toMatchObject({ notLookedAt: 3 });
    const [made = expect.unreachable()] = given.promotions.all();
    expect(made.history[1]?.summary).toContain("3 more are open, and were not looked at.");
    const other = scene({ verifyPerson: async () => ({ ...noor, authenticatedAt: now }) }, [...open, made]);
    // Its start may have been lost, so it is rung again.
    const failure = await refused(other, proposal, [made.id]);
    expect(failure.message).toContain(`Somebody else's proposal is open (${made.id})`);
  });

  it("is left to others for an hour after one of the same person was rejected", async () => {
    const given = scene();
    await given.ask(proposal);
    const [mine = expect.unreachable()] = given.promotions.all();
    const at = addSeconds(now, -3599);
    const fact = { id: `${mine.id}/2`, type: "rejected" as const, at, summary: "", body: {}, attachments: [] };
    const rejected = { ...mine, status: "rejected" as const, history: [...mine.history, fact] };
    const next = { ...proposal, title: "a higher bar yet" };
    const failure = await refused(scene({}, [rejected]), next);
    expect([failure.code, failure.message]).toEqual([
      "conflict",
      `A proposal of yours was rejected: others have until ${addSeconds(now, 1)} to make theirs.`,
    ]);
    const later = scene({ now: () => addSeconds(now, 1) }, [rejected]);
    expect(await later.ask(next)).toMatchObject({ status: 202 });
    const other = scene({ verifyPerson: async () => ({ ...noor, authenticatedAt: now }) }, [rejected]);
    expect(await other.ask(next)).toMatchObject({ status: 202 });
  });

  it("is one of three of a person in six hours, and the same one again is a lost answer", async () => {
    const given = scene();
    await given.ask(proposal);
    const [open = expect.unreachable()] = given.promotions.all();
    const before = [1, 2].map((number) => ({
      ...open,
      id: promotionId(digestOf(`${number}`), 1),
      freezeDigest: digestOf(`${number}`),
      status: "superseded" as const,
    }));
    const failure = await refused(scene({}, [...before, open]), { ...proposal, title: "a higher bar yet" });
    expect(failure.message).toContain("You have made 3 proposals");
    expect(await scene({}, [...before, open]).ask(proposal)).toMatchObject({ json: { id: open.id } });
  });

  it("takes the place of one's own, with whichever account that was made", async () => {
    const given = scene(as(noor));
    await given.ask(proposal);
    const [own = expect.unreachable()] = given.promotions.all();
    const again = scene(as(noorAgain), [{ ...own, status: "in-review" }]);
    expect(await again.ask({ ...proposal, title: "a higher bar yet" })).toMatchObject({ status: 202 });
  });

  it("is left to others as well by whoever comes with another account", async () => {
    const given = scene(as(noor));
    await given.ask(proposal);
    const [theirs = expect.unreachable()] = given.promotions.all();
    const fact = { id: `${theirs.id}/2`, type: "rejected" as const, at: now, summary: "", body: {}, attachments: [] };
    const rejected = { ...theirs, status: "rejected" as const, history: [...theirs.history, fact] };
    const failure = await refused(scene(as(noorAgain), [rejected]), { ...proposal, title: "a higher bar yet" });
    expect(failure.message).toContain("A proposal of yours was rejected");
  });

  it("is one of three in six hours also of whoever comes with another account", async () => {
    const given = scene(as(noor));
    await given.ask(proposal);
    const [theirs = expect.unreachable()] = given.promotions.all();
    const withdrawn = [1, 2, 3].map((number) => ({
      ...theirs,
      id: promotionId(digestOf(`${number}`), 1),
      freezeDigest: digestOf(`${number}`),
      status: "withdrawn" as const,
    }));
    const failure = await refused(scene(as(noorAgain), withdrawn), { ...proposal, title: "a higher bar yet" });
    expect(failure.message).toContain("You have made 3 proposals");
  });

  it("counts each of those that moved on between two reads once", async () => {
    const given = scene();
    await given.ask(proposal);
    const [open = expect.unreachable()] = given.promotions.all();
    const reviewed = promotionInReview();
    const moving = [open, reviewed].flatMap((each) =>
      (["gating", "in-review", "approved"] as const).map((status) => ({ ...each, status })),
    );
    const meanwhile = scene({}, [...moving, { ...open, status: "withdrawn" }]);
    const { json } = await meanwhile.ask({ ...proposal, title: "a higher bar yet" });
    expect(json).toMatchObject({ effects: [{ promotion: reviewed.id }] });
  });

  it("is held against those of before also behind many others that were blocked since", async () => {
    const given = scene();
    await given.ask(proposal);
    const [open = expect.unreachable()] = given.promotions.all();
    const another = (number: number, over: Partial<Promotion>): Promotion => {
      const digest = digestOf(`${number}`);
      return { ...open, id: promotionId(digest, 1), freezeDigest: digest, ...over };
    };
    const blocked = Array.from({ length: 120 }, (_, at) =>
      another(at, { status: "blocked", submittedAt: addSeconds(now, -at) }),
    );
    const next = { ...proposal, title: "a higher bar yet" };
    const few = [1, 2, 3].map((at) => another(200 + at, { status: "withdrawn", submittedAt: addSeconds(now, -7200) }));
    expect((await refused(scene({}, [...blocked, ...few]), next)).message).toMatch(/^You have made 3 proposals/);
    const fact = { id: `${open.id}/2`, type: "rejected" as const, at: now, summary: "", body: {}, attachments: [] };
    const long = another(300, { status: "rejected", submittedAt: addSeconds(now, -9 * 86_400), history: [fact] });
    expect((await refused(scene({}, [...blocked, long]), next)).message).toMatch(/^A proposal of yours was rejected/);
  });

  it("may take the place of the proposer's own", async () => {
    const given = scene();
    await given.ask(proposal);
    expect(await scene({}, given.promotions.all()).ask({ ...proposal, title: "a higher bar yet" })).toMatchObject({
      status: 202,
      json: { effects: [] },
    });
  });

  it("is taken from nobody without a role", async () => {
    const given = scene({ verifyPerson: async () => ({ ...priya, authenticatedAt: now }) });
    expect((await refused(given, proposal)).code).toBe("forbidden");
  });

  it("is refused while those who deploy change the policies", async () => {
    const matrix = texts["matrix.yaml"].replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, "");
    const failure = await refused(scene({ policy: shippedWith(matrix) }), proposal);
    expect([failure.code, failure.message]).toEqual(["conflict", expect.stringContaining("deploy them instead")]);
  });

  it("is refused where nothing would change", async () => {
    const failure = await refused(scene(), { ...proposal, files: shippedFiles });
    expect([failure.code, failure.message]).toEqual(["conflict", expect.stringContaining("in force already")]);
  });

  it("is refused where those who sign could not be shown all of it", async () => {
    const { ask, left } = scene();
    const people = shippedFiles["people.yaml"] ?? "";
    const proposing = (more: string) =>
      ask({ title: "x", files: { ...shippedFiles, "people.yaml": `${people}${more}` } });
    await expect(proposing("# one more\n".repeat(1001))).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(
        /^It changes more than those who sign are shown \(1001 .*: propose it in parts\.$/,
      ),
    });
    await expect(proposing(`# ${"x".repeat(1000)}\n`)).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("1000 characters of a line at most"),
    });
    expect(left).toEqual([]);
  });

  it("waits until the version that it follows is written down", async () => {
    for (const inForce of [
      async () => undefined,
      async () => ({ digest: proposalDigest, documents: [], since: now, number: 2 }),
    ]) {
      const failure = await refused(scene({ inForce }), proposal);
      expect([failure.code, failure.message]).toEqual(["conflict", expect.stringContaining("not written down yet")]);
    }
  });

  it("is refused where nobody could reach its quorum", async () => {
    // The only compliance officer proposes, and whoever proposes signs for nothing.
    const failure = await refused(scene({ verifyPerson: async () => ({ ...ines, authenticatedAt: now }) }), proposal);
    expect(failure.code).toBe("unreachable-quorum");
    expect(failure.message).toContain("Ines requested the promotion");
  });

  it.each([
    ["a title with line breaks", { ...proposal, title: "a\nb" }, "The proposal cannot be read: title must be 1 to 64 "],
    ["a title with other letters", { ...proposal, title: "höher" }, "(no ä, ç or ş)"],
    ["no files", { title: "x" }, "The proposal cannot be read: files is missing."],
    ["a member that nobody knows", { ...proposal, force: true }, "force is not a field of this request"],
    ["a policy that does not parse", withFile("matrix.yaml", "rules: ["), "matrix.yaml"],
    ["a file that is none", withFile("other.yaml", "a: 1"), "other.yaml"],
    ["one that is called as an object's own member", withFile("constructor", "a: 1"), "'constructor'"],
    ["gates that are no base64", withFile("compiled/gates.wasm", "***"), "compiled/gates.wasm"],
  ])("with %s is refused, and the place named", async (_, body, place) => {
    const failure = await refused(scene(), body);
    expect([failure.code, failure.message]).toEqual(["invalid-request", expect.stringContaining(place)]);
  });

  it("that is too large to be put in force is refused before anybody signs for it", async () => {
    const noise = `# ${randomBytes(400 * 1024).toString("base64")}\n`;
    const failure = await refused(scene(), withFile("people.yaml", `${texts["people.yaml"]}${noise}`));
    expect([failure.code, failure.message]).toEqual([
      "invalid-request",
      expect.stringMatching(/^The policies have \d+ bytes once they are compressed; at most 389120 can be kept\.$/),
    ]);
  });

  it("whose gates ask their host for what may not be asked is refused by the builtin's name", async () => {
    const failure = await refused(scene({ builtinsIn: () => ["http.send"] }), proposal);
    expect([failure.code, failure.message]).toEqual(["invalid-request", expect.stringContaining("http.send")]);
  });

  it("whose gates are others than their manifest names is refused: nobody could tell from what they were compiled", async () => {
    const other = base64(Uint8Array.from([...wasm, 0, 1, 0]));
    const failure = await refused(scene(), withFile("compiled/gates.wasm", other));
    expect([failure.code, failure.message]).toEqual([
      "invalid-request",
      expect.stringContaining("is not the one that compiled/manifest.json names."),
    ]);
  });

  it("whose gates ask their host for what every host has is taken", async () => {
    expect(await scene({ builtinsIn: () => ["regex.split"] }).ask(proposal)).toMatchObject({ status: 202 });
  });

  it("that has ended may be made again, as the next attempt; one that another created in the same moment is found", async () => {
    const given = scene();
    await given.ask(proposal);
    const [first = expect.unreachable()] = given.promotions.all();
    given.promotions.put({ ...first, status: "blocked" });
    const again = await given.ask(proposal);
    expect(again).toMatchObject({ status: 202, json: { id: first.id.replace(/1$/, "2") } });
    const { promotions } = scene();
    const create: typeof promotions.create = async (promotion) => {
      await promotions.create(promotion);
      return "exists";
    };
    const list: ProposePolicyPorts["promotions"]["list"] = async () => ({ promotions: [] });
    const raced = scene({ promotions: { load: promotions.load, create, list } });
    expect(await raced.ask(proposal)).toMatchObject({ status: 200, json: { id: first.id } });
    expect(promotions.all()).toHaveLength(1);
  });

  it("whose gates do not answer is refused with what they said", async () => {
    const tryGates = () => () => ({ kind: "failed", sentence: "it ran for too long" }) as const;
    const failure = await refused(scene({ tryGates }), proposal);
    expect([failure.code, failure.message]).toEqual(["invalid-request", "compiled/gates.wasm: it ran for too long"]);
  });

  it("is held against the directory: a role that nobody holds is an error with its line", async () => {
    const failure = await refused(scene({ directory: memoryDirectory([mira, lars, noor]) }), proposal);
    expect(failure.message).toMatch(/matrix\.yaml:\d+: /);
  });
});

const proposalDigest = policies.digest.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) as typeof policies.digest;

function withFile(name: string, text: string): typeof proposal {
  return { ...proposal, files: { ...proposal.files, [name]: text } };
}
