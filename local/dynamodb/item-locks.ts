/** Lets one at a time have each name. */
export interface ItemLocks {
  /** Runs `work` once it holds every one of `names`. */
  hold<T>(names: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** Locks that live in this process, first come first served per name. */
export function itemLocks(): ItemLocks {
  const tails = new Map<string, Promise<void>>();
  return {
    async hold(names, work) {
      // All names are queued for in one turn, so that two holders never wait for each other.
      const distinct = [...new Set(names)];
      const before = distinct.map((name) => tails.get(name));
      const { promise: done, resolve: release } = Promise.withResolvers<void>();
      for (const name of distinct) tails.set(name, done);
      await Promise.all(before);
      try {
        return await work();
      } finally {
        for (const name of distinct) if (tails.get(name) === done) tails.delete(name);
        release();
      }
    },
  };
}
