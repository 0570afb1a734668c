import { readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { exportCommand } from "../../cli/commands/export.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { listenOnLoopback } from "../../local/loopback-server.ts";
import { temporaryFolder } from "./pack-on-disk.ts";
import { recordedSurroundings, run } from "./recorded-surroundings.ts";
import { stubService } from "./stub-service.ts";

const pack = Buffer.from("a pack");
const promotion = "p-00000000000000000000000000000000-1";
const id = "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11";

async function exporting(...parameters: string[]) {
  const out = join(temporaryFolder(), "pack.zip");
  const store = await stubService({ "GET /exports/a.zip": { type: "application/zip", body: pack } });
  return { out, ...(await exportingTo(out, { address: `${store.url}/exports/a.zip` }, parameters)) };
}

async function exportingTo(out: string, over: object, parameters: readonly string[], ...answers: object[]) {
  const { url, requests } = await stubService(finished(over, ...answers));
  const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
  const failed = await run(exportCommand(world), "--url", url, "--out", out, ...parameters);
  return { world, failed, seen: requests.filter(({ method }) => method === "POST") };
}

/** A service whose exports are done, once it has said what else it answers. */
function finished(over: object, ...answers: object[]) {
  const answer = {
    address: "",
    bytes: pack.length,
    sha256: sha256Hex(pack),
    expiresAt: "2026-11-24T00:15:00.000Z",
    ledger: { origin: "countersign.example/ledger", entries: 12, rootHash: "r" },
    ...over,
  };
  return {
    "POST /v1/audit/exports": { status: 202, body: { id, status: "queued" } },
    [`GET /v1/audit/exports/${id}`]: () => ({ body: { id, ...(answers.shift() ?? { status: "done", pack: answer }) } }),
  };
}

describe("countersign export", () => {
  it("fetches the pack and says how far it goes", async () => {
    const { out, world, failed, seen } = await exporting();
    expect(failed).toBeUndefined();
    expect(readFileSync(out)).toEqual(pack);
    expect(readdirSync(dirname(out))).toEqual(["pack.zip"]);
    expect(seen).toMatchObject([{ body: {}, authorization: "Bearer ci-token" }]);
    expect(world.printed).toEqual([out]);
    expect(world.noted).toEqual([`${out}: 6 bytes, up to entry 12 of countersign.example/ledger.`]);
  });

  it.each([
    [["--promotion", promotion], { promotion }],
    [["--model", "credit-scoring"], { model: "credit-scoring" }],
    [
      ["--from", "2026-11-01", "--to", "2026-11-22T17:03:00Z"],
      { from: "2026-11-01T00:00:00.000Z", to: "2026-11-22T17:03:00.000Z" },
    ],
    [["--without-personal-data"], { withoutPersonalData: true }],
  ])("asks with %j", async (parameters, body) => {
    const { seen } = await exporting(...parameters);
    expect(seen[0]?.body).toEqual(body);
  });

  it("says how far the export is while it waits", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const store = await stubService({ "GET /exports/a.zip": { type: "application/zip", body: pack } });
    const { world, failed } = await exportingTo(
      out,
      { address: `${store.url}/exports/a.zip` },
      [],
      { status: "queued" },
      { status: "queued" },
      { status: "running", attempt: 1 },
      { status: "running", attempt: 2 },
    );
    expect(failed).toBeUndefined();
    expect(world.noted.slice(0, 3)).toEqual([
      `The export ${id} is queued. (0 s)`,
      "The pack is being written. (1 s)",
      "The pack is being written, attempt 2. (2 s)",
    ]);
  });

  it("says why an export came to nothing, or that its pack is gone", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const reason = "The ledger holds nothing of what was asked for.";
    const { failed } = await exportingTo(out, {}, [], { status: "failed", reason });
    expect(failed).toBe(`The export came to nothing: ${reason}`);
    expect((await exportingTo(out, {}, [], { status: "done" })).failed).toContain("no longer kept");
  });

  it("fetches an export that was asked for before, without asking again", async () => {
    const { seen, failed, out } = await exporting("--fetch", id);
    expect([failed, seen]).toEqual([undefined, []]);
    expect(readFileSync(out)).toEqual(pack);
    expect((await exporting("--fetch", id, "--model", "m")).failed).toContain("leave the other options out");
  });

  it("takes its token from a file", async () => {
    const file = join(temporaryFolder(), "token");
    writeFileSync(file, "file-token\n");
    const { seen } = await exporting("--token-file", file);
    expect(seen[0]?.authorization).toBe("Bearer file-token");
  });

  it("keeps nothing that is not what the service wrote", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const store = await stubService({
      "GET /exports/a.zip": { type: "application/zip", body: Buffer.from("another") },
    });
    const { failed } = await exportingTo(out, { address: `${store.url}/exports/a.zip` }, []);
    expect(failed).toContain("is not the pack that the service wrote");
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it("fetches from nowhere that is not safe, and says where fetching failed", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    expect((await exportingTo(out, { address: "http://elsewhere.example/a.zip" }, [])).failed).toContain(
      "must begin with https://",
    );
    const store = await stubService({});
    expect((await exportingTo(out, { address: `${store.url}/gone` }, [])).failed).toContain("its address answered 404");
  });

  it("says why a fetch broke off, and leaves nothing of it", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const store = await listenOnLoopback((request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("a pa");
      setImmediate(() => request.socket.destroy());
    });
    onTestFinished(() => store.close());
    const { failed } = await exportingTo(out, { address: `${store.url}/a.zip` }, []);
    expect(failed).toMatch(/^The export could not be fetched to .+pack\.zip: .*(UND_ERR_SOCKET|ECONNRESET)/);
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it("names the file for which there is no room", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const some = await open(join(temporaryFolder(), "some"), "wx");
    onTestFinished(() => some.close());
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    vi.spyOn(Object.getPrototypeOf(some), "writeFile").mockRejectedValue(full);
    onTestFinished(() => void vi.restoreAllMocks());
    const store = await stubService({ "GET /a.zip": { type: "application/zip", body: pack } });
    const { failed } = await exportingTo(out, { address: `${store.url}/a.zip` }, []);
    expect(failed).toBe(`${out} cannot be written: there is no room left (ENOSPC).`);
    expect(readdirSync(dirname(out))).toEqual([]);
  });

  it("asks for nothing that it could not write", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    for (const [out, why] of [
      [folder, `${folder} is a folder: name a file in it.`],
      [
        join(folder, "none", "pack.zip"),
        `${join(folder, "none", "pack.zip")} cannot be written: there is no such folder (ENOENT).`,
      ],
      [join(folder, "file", "pack.zip"), "pack.zip cannot be written: a part of its path is no folder (ENOTDIR)."],
    ] as const) {
      const { failed, seen } = await exportingTo(out, {}, []);
      expect(failed).toContain(why);
      expect(seen).toEqual([]);
    }
  });

  it("names the file that was to be a checkpoint and is none", async () => {
    const kept = join(temporaryFolder(), "kept");
    writeFileSync(kept, "hello\n");
    const { failed, seen } = await exporting("--since", kept);
    expect(failed).toContain(`${kept} is no checkpoint, such as a pack's log/checkpoint: `);
    expect(seen).toEqual([]);
  });

  it("writes into no file that another export to the same place writes into", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const full = Buffer.from("a pack with everybody's tokens in it");
    const exported = async (bytes: Buffer, fill: number) => {
      const store = await stubService({ "GET /a.zip": { type: "application/zip", body: bytes } });
      const { url } = await stubService(finished({ address: `${store.url}/a.zip`, sha256: sha256Hex(bytes) }));
      const world = recordedSurroundings({
        environment: { COUNTERSIGN_TOKEN: "ci-token" },
        random: (count) => new Uint8Array(count).fill(fill),
      });
      return await run(exportCommand(world), "--url", url, "--out", out);
    };
    expect(await Promise.all([exported(full, 1), exported(pack, 2)])).toEqual([undefined, undefined]);
    expect([full.toString(), pack.toString()]).toContain(readFileSync(out, "utf8"));
    expect(readdirSync(dirname(out))).toEqual(["pack.zip"]);
  });

  it("takes the place of nothing but a file", async () => {
    const out = join(temporaryFolder(), "link.zip");
    symlinkSync("/dev/null", out);
    const { failed, seen } = await exportingTo(out, {}, []);
    expect(failed).toBe(`${out} is a link or a device, and no file: name a file.`);
    expect([seen, readlinkSync(out)]).toEqual([[], "/dev/null"]);
  });

  it("leaves nothing half-written where it is interrupted", async () => {
    const out = join(temporaryFolder(), "pack.zip");
    const { url } = await stubService({
      "POST /v1/audit/exports": () => {
        expect(readdirSync(dirname(out))).toEqual([expect.stringMatching(/^pack\.zip\.part-[0-9a-f]{16}$/)]);
        world.interrupt();
        return { status: 400, body: { code: "invalid-request", detail: "Interrupted." } };
      },
    });
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
    await run(exportCommand(world), "--url", url, "--out", out);
    expect(readdirSync(dirname(out))).toEqual([]);
    // What was never asked for cannot be fetched later.
    expect(world.noted[0]).toBe("Nothing was fetched.");
  });

  it("says by what to fetch it where it is interrupted while the service writes it, however soon it began", async () => {
    const id = "907755ed-6436-4fe1-8718-2abee757cd75";
    const { url } = await stubService({
      "POST /v1/audit/exports": { status: 202, body: { id, status: "running", attempt: 1 } },
      [`GET /v1/audit/exports/${id}`]: () => {
        world.interrupt();
        return { body: { id, status: "failed", reason: "Interrupted." } };
      },
    });
    const world = recordedSurroundings({ environment: { COUNTERSIGN_TOKEN: "ci-token" } });
    await run(exportCommand(world), "--url", url, "--out", join(temporaryFolder(), "pack.zip"));
    expect(world.noted[0]).toBe(`Nothing was fetched. What was asked for goes on: --fetch ${id} gets it.`);
  });

  it("says what does not go together before anybody signs in", async () => {
    for (const [asked, why] of [
      [["--from", "2026-11-22"], "--from and --to go together: give both."],
      [["--to", "2026-11-22"], "--from and --to go together: give both."],
      [["--model", "m", "--promotion", promotion], "Give one of --promotion, --model,"],
      [["--model", "m", "--from", "2026-11-21", "--to", "2026-11-22"], "Give one of --promotion, --model,"],
      [["--from", "2026-11-22", "--to", "2026-11-22T00:00:00Z"], "--from has to be before --to."],
      [["--since", "kept.txt", "--without-personal-data"], "leave --without-personal-data out."],
    ] as const) {
      const { seen, failed } = await exporting(...asked);
      expect([failed?.includes(why), seen]).toEqual([true, []]);
    }
  });

  it("understands no other times", async () => {
    const { failed } = await exporting("--from", "yesterday", "--to", "2026-11-22");
    expect(failed).toContain("'yesterday' is no time");
  });
});
