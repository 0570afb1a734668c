import { environment as notify } from "../../functions/events/notify/env.ts";
import { environment as recordDelivery } from "../../functions/events/record-delivery/env.ts";
import { environment as restrict } from "../../functions/events/restrict/env.ts";
import { environment as writeExport } from "../../functions/events/write-export/env.ts";
import { environment as adoptPolicy } from "../../functions/schedules/adopt-policy/env.ts";
import { environment as auditRunning } from "../../functions/schedules/audit-running/env.ts";
import { environment as cosignCheckpoint } from "../../functions/schedules/cosign-checkpoint/env.ts";
import { environment as publishKeys } from "../../functions/schedules/publish-keys/env.ts";
import { environment as reconcile } from "../../functions/schedules/reconcile/env.ts";
import { environment as remind } from "../../functions/schedules/remind/env.ts";
import { environment as republishCheckpoint } from "../../functions/schedules/republish-checkpoint/env.ts";
import { environment as archive } from "../../functions/streams/archive/env.ts";
import { environment as decide } from "../../functions/streams/decide/env.ts";
import { answering, type FunctionSpecs } from "./spec.ts";

/** What streams, events and schedules call. */
export const eventFunctions = {
  "streams/decide": {
    environment: decide,
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: "Decides the open stage and sends the task token back.",
  },
  "streams/archive": {
    environment: archive,
    memoryMegabytes: 1024,
    timeoutSeconds: 120,
    description: "Appends every fact to the ledger.",
  },
  "events/notify": {
    environment: notify,
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    description: "Writes to the people of the seats.",
  },
  "events/record-delivery": {
    environment: recordDelivery,
    ...answering,
    description: "Records what became of a letter.",
  },
  "events/restrict": {
    environment: restrict,
    memoryMegabytes: 1024,
    timeoutSeconds: 300,
    description: "Puts back what was approved before, or takes a model out of service, where the matrix says so.",
  },
  "events/write-export": {
    environment: writeExport,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Packs the audit archive, or a part of it.",
  },
  "schedules/audit-running": {
    environment: auditRunning,
    memoryMegabytes: 1024,
    timeoutSeconds: 600,
    description: "Holds what really runs against the verdicts.",
  },
  "schedules/cosign-checkpoint": {
    environment: cosignCheckpoint,
    memoryMegabytes: 512,
    timeoutSeconds: 60,
    description: "Shows the newest checkpoint to the witnesses.",
  },
  "schedules/adopt-policy": {
    environment: adoptPolicy,
    ...answering,
    description: "Records the policies that came in force with a deployment.",
  },
  "schedules/publish-keys": {
    environment: publishKeys,
    ...answering,
    description: "Records each key that verifies signatures, and when it is replaced.",
  },
  "schedules/remind": {
    environment: remind,
    memoryMegabytes: 512,
    timeoutSeconds: 300,
    description: "Reminds the people who are still needed.",
  },
  "schedules/republish-checkpoint": {
    environment: republishCheckpoint,
    memoryMegabytes: 512,
    timeoutSeconds: 50,
    description: "Signs the ledger's checkpoint again while nothing happens.",
  },
  "schedules/reconcile": {
    environment: reconcile,
    memoryMegabytes: 1769,
    timeoutSeconds: 900,
    description: "Holds the table and the ledger against each other, once a day.",
  },
} as const satisfies FunctionSpecs;
