/** What became of a model in production. */
export const production = {
  reapproval: "Go to the new approval",
  reapproves: "Go to the approval of what drifted, with the earlier decisions",
};
