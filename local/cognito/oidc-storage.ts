import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Adapter, AdapterPayload } from "oidc-provider";

/** What goes with a grant that is revoked. A login that is under way names the grant too, and must go on. */
const tokenModels: ReadonlySet<string> = new Set([
  "AccessToken",
  "AuthorizationCode",
  "RefreshToken",
  "DeviceCode",
  "BackchannelAuthenticationRequest",
]);

interface Entry {
  readonly model: string;
  readonly id: string;
  /** Milliseconds since the epoch; nothing expires where it is missing. */
  readonly expiresAt?: number;
  readonly payload: AdapterPayload;
}

/** Sessions, grants and codes of the identity provider: in memory, and each in a file of its own for the next start. */
export class OidcStorage {
  readonly #directory: string;
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(directory: string, clock: () => number) {
    this.#directory = directory;
    this.#clock = clock;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      const entry = name.endsWith(".json") ? (JSON.parse(readFileSync(path, "utf8")) as Entry) : undefined;
      if (entry === undefined || this.#expired(entry)) rmSync(path);
      else this.#entries.set(keyOf(entry.model, entry.id), entry);
    }
  }

  /** The library's view of one kind of thing. */
  adapterFor(model: string): Adapter {
    const all = () => [...this.#entries.values()].filter((entry) => !this.#expired(entry));
    const find = (id: string) => all().find((entry) => entry.model === model && entry.id === id);
    return {
      upsert: async (id, payload, expiresIn) => {
        const expiresAt = expiresIn ? { expiresAt: this.#clock() + expiresIn * 1000 } : {};
        this.#keep({ model, id, payload, ...expiresAt });
      },
      find: async (id) => find(id)?.payload,
      findByUid: async (uid) => all().find((entry) => entry.model === model && entry.payload.uid === uid)?.payload,
      findByUserCode: async (code) =>
        all().find((entry) => entry.model === model && entry.payload.userCode === code)?.payload,
      consume: async (id) => {
        const entry = find(id);
        const consumed = Math.floor(this.#clock() / 1000);
        if (entry !== undefined) this.#keep({ ...entry, payload: { ...entry.payload, consumed } });
      },
      destroy: async (id) => this.#remove(model, id),
      revokeByGrantId: async (grantId) => {
        for (const entry of all()) {
          if (tokenModels.has(entry.model) && entry.payload.grantId === grantId) this.#remove(entry.model, entry.id);
        }
      },
    };
  }

  #keep(entry: Entry): void {
    const path = this.#path(entry.model, entry.id);
    writeFileSync(`${path}.new`, JSON.stringify(entry), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    this.#entries.set(keyOf(entry.model, entry.id), entry);
  }

  #remove(model: string, id: string): void {
    this.#entries.delete(keyOf(model, id));
    rmSync(this.#path(model, id), { force: true });
  }

  #path(model: string, id: string): string {
    return join(this.#directory, `${createHash("sha256").update(keyOf(model, id)).digest("hex")}.json`);
  }

  #expired({ expiresAt }: Entry): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock();
  }
}

function keyOf(model: string, id: string): string {
  return `${model}\n${id}`;
}
