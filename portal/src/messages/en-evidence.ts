/** English: one evidence document. */
export const evidence = {
  back: "Back to the review",
  verified: "Verified",
  verifiedNote: "This browser has hashed the bytes: they are those that the freeze manifest names.",
  differs: "Not verified",
  differsNote:
    "These bytes are not those that the freeze manifest names. Do not rely on them; tell the people who run Countersign.",
  save: "Save the file",
  content: "What it says",
  cut: "Only its beginning is shown here; the file has all of it.",
  noText: "It is no text that could be shown here; save the file to look at it.",
};
