/** English: what whoever signs is answered, and keeps. */
export const receipt = {
  save: "Save the receipt",
  why: "The service signed a receipt of it. Keep that: with it anybody can hold the record against what you were told.",
  saveOwn: "Save my receipts",
  saveOwnOf: (candidate: string) => `Save my receipts about ${candidate}`,
  ownLead:
    "What you signed here was answered with a receipt, which the service signed. Keep it: with it anybody can hold the record against what you were told.",
  none: "The service answers that it has recorded nothing that you signed here. If you were told otherwise, tell an auditor.",
};
