import type { PackFindingCode } from "../../../../core/archive/pack/pack-findings.ts";
import type * as layout from "../../../../core/archive/pack/pack-layout.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { flipped } from "../retelling.ts";
import { attestationKey } from "../reviewers.ts";

/** What verification says of a file: the path is the file's own unless another is named. */
export interface Noticed {
  readonly code: PackFindingCode;
  readonly sentence: RegExp;
  readonly path?: RegExp;
}

/** All records; those of one promotion, with tiles; those since a checkpoint, with proofs alone. */
export type PackName = "whole" | "part" | "since";

export interface FileKind {
  readonly what: string;
  /** Which packs have such files. */
  readonly packs: readonly [PackName, ...PackName[]];
  readonly path: RegExp;
  /** What a careful forger changes; a byte in its middle unless told. */
  readonly change?: (bytes: Uint8Array) => Uint8Array;
  /** What is said of that, with every sum made to fit. */
  readonly changed: Noticed;
  /** It taken out, and every sum made to fit. `by-design`: it may be left out. */
  readonly lost: Noticed | "by-design";
}

/** The last digit of the number of entries. */
const sizeChanged = (bytes: Uint8Array) =>
  utf8(fromUtf8(bytes).replace(/^\d+$/m, (size) => `${size.slice(0, -1)}${Number(size.slice(-1)) ^ 1}`));

/** Each function and constant of pack-layout.ts that names files. */
type PathName = Extract<keyof typeof layout, `${string}Path`>;

const everywhere = ["whole", "part", "since"] as const;
const derived = { code: "view-differs", sentence: /does not say what the records say\.$/ } as const;
const gone = { code: "file-missing", sentence: / is missing\.$/ } as const;
const view = (what: string, path: RegExp): FileKind => ({
  what,
  packs: everywhere,
  path,
  changed: derived,
  lost: gone,
});

/** Every kind of file that a pack may hold. A new name in the layout does not compile before its tampering is here. */
export const fileKinds: Readonly<Record<PathName, readonly FileKind[]>> = {
  manifestPath: [
    {
      what: "the manifest",
      packs: everywhere,
      path: /^manifest\.json$/,
      change: (bytes) => flipped(bytes, 0),
      changed: { code: "manifest-malformed", sentence: /^manifest\.json cannot be read: / },
      lost: { code: "manifest-malformed", sentence: /^The pack has no manifest\.json\.$/ },
    },
  ],
  // Sums are made to fit: what is wrong with them shows where they were not, in the careless changes.
  sumsPath: [],
  readMePath: [view("what a stranger reads first", /^README\.txt$/)],
  verifyScriptPath: [view("the script for openssl", /^verify\.sh$/)],
  checkpointKeyPath: [
    {
      what: "the log's verifying keys",
      packs: everywhere,
      path: /^keys\/checkpoint\.vkey$/,
      changed: { code: "key-malformed", sentence: /^This is no verifying key: its id is not that of the key\.$/ },
      lost: { code: "key-malformed", sentence: /^There is no checkpoint key\.$/ },
    },
  ],
  checkpointPemPath: [view("the log's key in PEM", /^keys\/checkpoint\.pem$/)],
  attestationKeyPath: [
    {
      what: "the key of sign-offs and verdicts",
      packs: everywhere,
      path: /^keys\/attestation(?:-[0-9a-f]{64})?\.pem$/,
      change: () => utf8(attestationKey().key.pem),
      changed: {
        code: "key-unpublished",
        sentence: /^The pack brings the attestation key .*, which the ledger never published\.$/,
        path: /^keys\/$/,
      },
      lost: {
        ...gone,
        sentence: /^The ledger published the attestation key [0-9a-f]{64}, which the pack does not bring\.$/,
        path: /^keys\/$/,
      },
    },
  ],
  csvPath: ["records", "promotions", "sign-offs"].map((table) =>
    view(`the table of ${table} for spreadsheets`, new RegExp(`^${table}\\.csv$`)),
  ),
  parquetPath: ["records", "promotions", "sign-offs"].map((table) =>
    view(`the table of ${table} for Athena`, new RegExp(`^parquet/${table}/${table}\\.parquet$`)),
  ),
  logPath: [
    {
      what: "the checkpoint",
      change: sizeChanged,
      packs: everywhere,
      path: /^log\/checkpoint$/,
      changed: { code: "checkpoint-rejected", sentence: /^The signature by .* does not verify\.$/ },
      lost: { code: "checkpoint-missing", sentence: /^There is no checkpoint\.$/ },
    },
    {
      what: "a checkpoint of a smaller log",
      change: sizeChanged,
      packs: ["whole"],
      path: /^log\/checkpoints\/\d+$/,
      changed: { code: "kept-checkpoint-rejected", sentence: /^The signature by .* does not verify\.$/ },
      lost: "by-design",
    },
    {
      what: "a tile of hashes, with the entries beside it",
      packs: ["whole"],
      path: /^log\/tile\/\d/,
      changed: { code: "entry-mismatch", sentence: /^Entry \d+ does not have the hash that tile\/.* gives for it\.$/ },
      lost: { code: "tile-missing", sentence: /^The tile tile\/.* is missing\.$/ },
    },
    {
      what: "a tile of hashes, without the entries",
      packs: ["part"],
      path: /^log\/tile\/\d/,
      changed: {
        code: "root-mismatch",
        sentence: /^The tiles do not make the tree that the checkpoint signs for\.$/,
        path: /^log\/checkpoint$/,
      },
      lost: { code: "tile-missing", sentence: /^The tile tile\/.* is missing or of another length\.$/ },
    },
    {
      what: "a bundle of entries",
      // Behind the first entry's length.
      change: (bytes) => flipped(bytes, 10),
      packs: ["whole"],
      path: /^log\/tile\/entries\//,
      changed: {
        code: "root-mismatch",
        sentence: /^The entries do not make the tree that the checkpoint signs for\.$/,
        path: /^log\/checkpoint$/,
      },
      lost: { code: "entries-missing", sentence: /^The entries from 0 on are missing\.$/ },
    },
  ],
  recordPath: [
    {
      what: "a record, with the log's entries beside it",
      packs: ["whole"],
      path: /^records\/\d+\.json$/,
      changed: { code: "record-changed", sentence: /^records\/\d+\.json is not the log's entry \d+\.$/ },
      lost: { code: "record-missing", sentence: /^The record of entry \d+ is missing\.$/ },
    },
    {
      what: "a record, with its leaf beside it",
      packs: ["part"],
      path: /^records\/\d+\.json$/,
      changed: { code: "record-changed", sentence: /^records\/\d+\.json is not the log's entry \d+\.$/ },
      lost: {
        code: "manifest-differs",
        sentence: /^The manifest counts \d+ records; there are \d+\.$/,
        path: /^manifest\.json$/,
      },
    },
    {
      what: "a record, with its proof alone",
      packs: ["since"],
      path: /^records\/\d+\.json$/,
      changed: {
        code: "record-unproven",
        sentence: /^The proof does not show that this entry is number \d+ of the \d+ in the log\.$/,
        path: /^proofs\/\d+\.tlog-proof$/,
      },
      lost: {
        code: "manifest-differs",
        sentence: /^The manifest counts \d+ records; there are \d+\.$/,
        path: /^manifest\.json$/,
      },
    },
  ],
  proofPath: [
    {
      what: "the proof of a record",
      packs: ["part", "since"],
      path: /^proofs\/\d+\.tlog-proof$/,
      changed: {
        code: "record-unproven",
        sentence: / is the proof of entry \d+\.$/,
      },
      change: (bytes) => utf8(fromUtf8(bytes).replace(/^index (\d+)$/m, (_, index) => `index ${Number(index) + 1}`)),
      lost: { code: "record-unproven", sentence: / is missing\.$/ },
    },
  ],
  sinceProofPath: [
    {
      what: "the proof that the log goes on",
      change: (bytes) => utf8(fromUtf8(bytes).replace(/^old (\d+)$/m, (_, size) => `old ${Number(size) - 1}`)),
      packs: ["since"],
      path: /^proofs\/since\.add-checkpoint$/,
      changed: {
        code: "earlier-mismatch",
        sentence: /^The first \d+ entries are not those of the earlier checkpoint\.$/,
      },
      lost: { code: "earlier-mismatch", sentence: / is missing\.$/ },
    },
  ],
  blobPath: [
    {
      what: "a document",
      packs: everywhere,
      path: /^blobs\/sha256\/[0-9a-f]{64}$/,
      changed: { code: "document-changed", sentence: /does not have the digest that it is named by/ },
      lost: { code: "document-missing", sentence: /^The document [0-9a-f]{64} is not in the pack\.$/ },
    },
  ],
  attestationsPath: [view("the statements about a promotion, an envelope a line", /^attestations\/.*\.intoto\.jsonl$/)],
  bundlePath: [
    view("a sign-off as a Sigstore bundle", /^bundles\/[^/]+\/sign-off-[0-9a-f]{64}\.sigstore\.json$/),
    {
      ...view("a lender's signature as a Sigstore bundle", /^bundles\/[^/]+\/loan-[0-9a-f]{64}\.sigstore\.json$/),
      packs: ["whole", "since"],
    },
    {
      ...view("a verdict as a Sigstore bundle", /^bundles\/[^/]+\/verdict(-2)?\.sigstore\.json$/),
    },
  ],
  reportPath: [view("the report on a promotion", /^report\/.*\.html$/)],
};
