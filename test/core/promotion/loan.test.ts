import { expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Loan, loanReminderDue } from "../../../core/promotion/loan.ts";
import { now } from "./promotion-in-review.ts";

const loan: Loan = {
  terms: { seconds: 400, incident: "https://incidents.example/7" },
  lenders: [],
  at: now,
  until: addSeconds(now, 400),
};

it.each([
  [0, undefined],
  [199.999, undefined],
  [200, "half"],
  [299.999, "half"],
  [300, "quarter"],
  [399.999, "quarter"],
  [400, undefined],
  [401, undefined],
])("%d seconds into a loan of 400 those who may ratify it are reminded of: %s", (seconds, of) => {
  expect(loanReminderDue(loan, addSeconds(now, seconds))).toBe(of);
});
