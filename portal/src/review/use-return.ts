import { useLayoutEffect, useRef } from "preact/hooks";

/** Where somebody was in a page that stays behind another one. */
interface Left {
  readonly title: string;
  readonly top: number;
  readonly focused: Element | null;
}

/** Brings whoever comes back to a page that stayed behind another one to where they were. `away`: it is behind. */
export function useReturn(away: boolean): void {
  const left = useRef<Left | undefined>(undefined);
  // While it is still shown: how far it is scrolled is gone with its height.
  if (away) left.current ??= { title: document.title, top: scrollY, focused: document.activeElement };
  useLayoutEffect(() => {
    if (away || left.current === undefined) return;
    const { title, top, focused } = left.current;
    left.current = undefined;
    document.title = title;
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    scrollTo(0, top);
  }, [away]);
}
