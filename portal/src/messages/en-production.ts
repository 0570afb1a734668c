/** What became of a model in production. */
export const production = {
  reapproval: "Go to the new approval",
  reapproves: "Drift was reported of what runs. Go to its approval, with the earlier decisions",
};
