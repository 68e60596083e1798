/** A search in a popover under a word: the focus goes there and back at once, so that no key is lost. */
import { useCombobox } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";

/** The search comes with the popover; Escape is the search's, which knows where the focus belongs. */
const POPOVER = { keepMounted: false, closeOnEscape: false } as const;

interface Picker {
  combobox: ReturnType<typeof useCombobox>;
  popover: typeof POPOVER;
  query: string;
  setQuery: (query: string) => void;
  /** The ref of the search input: it takes the focus as soon as it is there. */
  search: (input: HTMLInputElement | null) => void;
}

/**
 * `refocus` says at each closing whether the focus goes back to the word. The store's own way does
 * both after a timeout; a key pressed meanwhile would go to what had the focus before.
 */
export function usePicker(refocus: () => boolean = always): Picker {
  const [query, setQuery] = useState("");
  const opening = useRef(false);
  const combobox = useCombobox({
    onDropdownOpen: () => {
      opening.current = true;
    },
    onDropdownClose: () => {
      opening.current = false;
      combobox.resetSelectedOption();
      setQuery("");
      if (refocus()) (combobox.targetRef.current as HTMLElement | null)?.focus();
    },
  });
  const search = useCallback((input: HTMLInputElement | null) => {
    // Refs are given anew when something is rendered again; the focus is taken once.
    if (!input || !opening.current) return;
    opening.current = false;
    input.focus({ preventScroll: true });
  }, []);
  return { combobox, popover: POPOVER, query, setQuery, search };
}

/** What Enter takes is the first of the options as they are shown, not as they were before. */
export function useFirstOption({ combobox, query }: Picker, options: string) {
  const { selectFirstOption, resetSelectedOption, dropdownOpened } = combobox;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options have another first one
  useEffect(() => {
    if (!dropdownOpened || query === "") return;
    if (selectFirstOption() === null) resetSelectedOption();
  }, [dropdownOpened, query, options, selectFirstOption, resetSelectedOption]);
}

const always = () => true;
