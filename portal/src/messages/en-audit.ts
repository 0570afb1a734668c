import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import type { PromotionVerdict } from "../../../core/archive/promotion/promotion-verdict.ts";
import { count } from "./en-phrases.ts";

/** English, of the pages for auditors. */
export const audit = {
  heading: "Audit",
  lead: "Everything that happened to a promotion is an entry of the ledger, which cannot be rewritten unnoticed. Look at its head, find a promotion, or verify an audit pack in this browser.",
  forReviewers: "Find and export",
  head: {
    heading: "The ledger now",
    origin: "Ledger",
    size: "Entries",
    root: "Root hash",
    at: "Signed at",
    untimed: "The checkpoint does not say when.",
    key: "Signed with",
    holds: "The signature holds",
    rejected: (why: string) => `The checkpoint does not verify: ${why}`,
    checkedWith: "Checked in this browser, with the key that this deployment publishes.",
    keep: "Keep a copy: a later checkpoint must continue it.",
    download: "Download the checkpoint",
    none: "There is no checkpoint yet: nothing was recorded so far.",
  },
  find: {
    heading: "Find a promotion",
    signIn:
      "Promotions are shown to the people of your organisation who may review them. A sign-in lasts as long as this page is open: a page that is loaded again, or a new tab, asks for it anew.",
    model: "Model",
    target: "Target",
    status: "Status",
    anyStatus: "Any",
    person: "Person who asked, worked on it, or signed",
    from: "Submitted from",
    to: "Submitted before",
    id: "Or the promotion's id",
    noId: "A promotion's id looks like p-<32 hexadecimal digits>-1.",
    button: "Search",
    searching: "Searching…",
    found: (number: number, more: boolean) =>
      number === 0
        ? more
          ? "Nothing yet; there is more to look through."
          : "Nothing was found."
        : `${count(number, "promotion")}, the newest first.`,
    more: "Look further",
    candidate: "Candidate",
    submitted: "Submitted",
  },
  verify: {
    heading: "Verify an audit pack here",
    lead: "The pack stays on this computer. It is checked with the same rules as countersign verify: every digest, signature and sign-in, the log, the gates and the quorum, evaluated again.",
    choose: "Audit pack (zip)",
    drop: "or drop it here",
    receipts: "Receipts of whoever signed (optional)",
    receiptsHint: "What somebody saved as they signed, one file or many: the log must have each of them.",
    keys: "What you know from elsewhere than the pack",
    keysLead:
      "Without it the pack's own keys are taken, and the log's own word for whose sign-ins count: worth as much as the pack. Give what you kept at an earlier audit.",
    kept: "What you kept of this service (service.json)",
    keptHint: "One file, or all that you kept over the years: they fill in the fields below but for the last.",
    known: "Public keys (PEM), checkpoint keys and witnesses' keys (name+id+key)",
    issuers: "Identity providers that reviewers' sign-ins must come from (addresses)",
    audiences: "Applications that reviewers sign in to (client ids)",
    origins: "Pages on which passkeys are made (such as https://countersign.example)",
    jwks: "The identity provider's key set (JWKS, as JSON)",
    takePublished: "Fill in what this deployment publishes now",
    savePublished: "Save it, for the next audit",
    button: "Verify",
    noFile: "Choose a pack first.",
    running: "Verifying…",
    read: (size: string, pack: string) =>
      `${size} read. The pack has ${pack} and is read twice, or a little more: signatures are checked between two passes.`,
    stop: "Stop",
    unreadableKeys: "What you gave beside the pack cannot be used",
    failed: "The pack could not be verified",
    noVerifier: "The verifier could not be loaded. Nothing is said about the pack by that; please try again.",
  },
  export: {
    heading: "Export",
    lead: "A pack holds records, signatures, evidence and the proofs of them, and can be verified without Countersign. That you took it is recorded.",
    scope: "What is in it",
    scopes: {
      everything: "The whole ledger",
      model: "One model",
      time: "The promotions of a time",
      promotion: "One promotion",
    },
    fields: { model: "Name of the model", from: "From", to: "Before", promotion: "The promotion's id" },
    incomplete: {
      everything: "",
      model: "Name the model.",
      time: "Give two times, the earlier one first.",
      promotion: "Give the promotion's id, which begins with p-.",
    },
    without:
      "Without personal data that nothing signed rests on: sign-ins, the directory, letters. What is left out is named, and its hash stays; so do the names of those who signed, and authors as their pipeline named them",
    button: "Export",
    states: { queued: "The export waits for its turn…", running: "The pack is being written…" },
    asked: "The export is asked for…",
    later: "A large ledger takes minutes. Leave this page open: the pack stands here once it is written.",
    failed: "The pack could not be written",
    gone: "The pack is not kept any more; export it anew.",
    ready: (size: string) => `The pack is there: ${size}.`,
    digest: "SHA-256",
    addressUntil: "This address opens it until",
    keptUntil: "Kept until",
    download: "Download the pack",
    renew: "Get another address for it",
  },
  result: {
    passed: "PASSED",
    failed: "FAILED",
    notChecked: "NOT CHECKED",
    newerText: (findings: number) =>
      `A newer Countersign made part of the pack (${count(findings, "finding")}). Verify it with that one.`,
    passedText: (promotions: number, withSignIns: boolean) =>
      `Everything that could be checked holds${withSignIns ? "" : " but the sign-ins of people and who is whom, which were left out"}, for ${count(promotions, "promotion")}.`,
    openText: (number: number) =>
      `${count(number, "thing")} could not be checked: ${number === 1 ? "it stands" : "they stand"} at the end. What you know from elsewhere than the pack settles most of it.`,
    notOpened: "This cannot be opened as an audit pack, so nothing of it was verified.",
    somethingElse:
      "This is no audit pack of Countersign, or not all of one: it has no SHA256SUMS, and no manifest.json that can be read.",
    failedText: (findings: number) => `The pack does not hold: ${count(findings, "finding")}.`,
    findings: "What is wrong",
    more: (number: number, code: string) => `And ${count(number, "more finding")} of the kind ${code}.`,
    damaged: (files: number) =>
      `${files === 1 ? "1 file is" : `${files} files are`} not as the pack lists ${files === 1 ? "it" : "them"} (SHA256SUMS), as in a copy that was damaged: fetch the pack again, and compare its SHA-256 with the one that the export told, before you conclude anything from the rest.`,
    foreignKeys:
      "The keys that you gave are not those of this pack. Are they of the deployment that it comes from? If they are, somebody else signed it.",
    morePromotions: (number: number) => `And ${count(number, "more promotion")}: promotions.csv lists them.`,
    alikeUnchecked: (number: number) => ` And ${number} more like it: countersign verify --json tells them all.`,
    about: (path: string) => `in ${path}`,
    promotions: "Promotions",
    promotion: "Promotion",
    outcome: "Outcome",
    what: "What it is",
    signOffs: "Sign-offs",
    report: "Report",
    otherReport: "Missing, or not what the records say",
    saveReport: (promotion: string) => `Save the report about ${promotion}`,
    save: "Save",
    outcomes: { PASSED: "Passed", FAILED: "Failed", "NOT CHECKED": "Not checked" } satisfies Record<
      PromotionVerdict["outcome"],
      string
    >,
    endUntold: "its end is not in this log",
    unchecked: "What could not be checked: neither wrong nor proven",
    manyPromotions: (number: number) => `${count(number, "promotion")}: `,
    facts: "What was verified",
    file: "File",
    scope: "It holds",
    log: "Log",
    logText: (origin: string, size: number) => `${origin}, ${count(size, "entry", "entries")}`,
    at: "Signed at",
    checkpointKeys: "Checkpoint keys",
    attestationKeys: "Attestation keys",
    receipts: "Receipts",
    receiptsText: (number: number, told: number) => {
      const [were, all, none] =
        number === 1
          ? ["1 was", "has it", "does not have it"]
          : [`${number} were`, "has all of them", "has none of them"];
      if (told === number) return `${were} held against the log, which ${all}.`;
      const some = told === 0 ? none : `has ${told} of them`;
      return `${were} held against the log, which ${some}: what it does not tell of stands among what is wrong, or what could not be checked.`;
    },
    own: "from the pack",
    given: "given by you",
    scopeText: (scope: PackScope): string => {
      switch (scope.kind) {
        case "everything":
          return "the whole log";
        case "promotion":
          return `the promotion ${scope.promotion}`;
        case "model":
          return `the model ${scope.model}`;
        case "since":
          return `what was recorded from entry ${scope.size} on, and the promotions that it is about`;
        case "time":
          return `the promotions of which something was recorded from ${scope.from} to ${scope.to}`;
        default:
          return scope satisfies never;
      }
    },
  },
};

/** English, of the record of one promotion. */
export const record = {
  title: (candidate: string) => `Record of ${candidate}`,
  toReview: "To the review",
  about: {
    heading: "What it is about",
    promotion: "Promotion",
    submitted: "Submitted",
    verdict: "Verdict",
    verdicts: { PASSED: "PASSED: every sign-off was verified", FAILED: "FAILED: it was not let through" },
  },
  lifeCycle: "Life cycle",
  steps: {
    request: "Requested",
    freeze: "Frozen",
    gates: "Gates",
    stage: (name: string) => `Review: ${name}`,
    verdict: "Sign-offs verified",
    deployment: "Deployment begun",
    deployed: "Deployed",
    inForce: "Put in force",
  },
  states: {
    done: "Done",
    current: "Now",
    ended: "Ended",
    ahead: "To come",
    unreached: "Not reached",
  },
  notAgain: "Not reached again, once the requirements changed",
  downloads: {
    heading: "Downloads",
    lead: "The pack holds everything that proves this record, with a report for people.",
    attestations: "Save what was signed (JSON)",
    pack: "Prepare the audit pack",
    verify: "Verify it on the audit page",
  },
  verifyHere: {
    lead: "Or believe nobody: the pack is fetched and checked in this browser, with the rules of countersign verify. That you took it is recorded.",
    button: "Verify this promotion in my browser",
    fetching: (size: string) => `Fetching the pack, ${size}…`,
    notFetched: "The pack could not be fetched",
    notFetchedText:
      "Nothing is said about the promotion by that. Its address opens it for 15 minutes; a new one is made each time.",
  },
};
