import type { Dataset } from "./dataset.ts";

/** Remembers what comes to the same whenever it is made of the same data set and whatever `key` names: fits take longer than all the rest. */
export function oncePerDataset<Made>(): (dataset: Dataset, key: string, make: () => Made) => Made {
  const known = new WeakMap<Dataset, Map<string, Made>>();
  return (dataset, key, make) => {
    const ofDataset = known.get(dataset) ?? new Map<string, Made>();
    known.set(dataset, ofDataset);
    const found = ofDataset.get(key) ?? make();
    ofDataset.set(key, found);
    return found;
  };
}
