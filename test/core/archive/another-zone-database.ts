import { vi } from "vitest";

/** As somebody whose time zone database does not have a zone, or has it as another one. */
export async function byAnotherDatabase<Value>(
  { zone, as }: { readonly zone: string; readonly as?: string },
  act: () => Promise<Value>,
): Promise<Value> {
  class Otherwise extends Intl.DateTimeFormat {
    constructor(locales?: Intl.LocalesArgument, options: Intl.DateTimeFormatOptions = {}) {
      const isIt = options.timeZone === zone;
      if (isIt && as === undefined) throw new RangeError(`Invalid time zone specified: ${zone}`);
      super(locales, isIt && as !== undefined ? { ...options, timeZone: as } : options);
    }
  }
  vi.stubGlobal("Intl", Object.assign(Object.create(Intl), { DateTimeFormat: Otherwise }));
  try {
    return await act();
  } finally {
    vi.unstubAllGlobals();
  }
}
