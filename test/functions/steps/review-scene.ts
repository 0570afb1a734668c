import { digestOf } from "../../core/promotion/promotion-in-review.ts";

export const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
export const settled = [{ index: 0, seats: [] }];
