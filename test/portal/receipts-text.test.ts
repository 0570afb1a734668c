import { expect, it } from "vitest";
import { audit } from "../../portal/src/messages/en-audit.ts";

const more = ": what it does not tell of stands among what is wrong, or what could not be checked.";

it.each([
  [1, 1, "1 was held against the log, which has it."],
  [1, 0, `1 was held against the log, which does not have it${more}`],
  [3, 3, "3 were held against the log, which has all of them."],
  [3, 2, `3 were held against the log, which has 2 of them${more}`],
  [3, 0, `3 were held against the log, which has none of them${more}`],
])("of %i receipts of which the log has %i it is said so", (number, told, text) => {
  expect(audit.result.receiptsText(number, told)).toBe(text);
});
