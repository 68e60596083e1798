/** What a key means in work mode. Nothing while somebody types, uses a modifier, or a menu is open. */

export type Stroke =
  | { do: "next" }
  | { do: "previous" }
  | { do: "kind"; channel: "phone" | "visit" | "email" }
  | { do: "outcome"; number: number }
  | { do: "note" }
  | { do: "save" };

interface Pressed {
  key: string;
  metaKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  isComposing: boolean;
  /** Whether the key goes into a text field. */
  typing: boolean;
  /** Whether the key would press a button or follow a link that has the focus. */
  onControl: boolean;
}

export function strokeOf(event: Pressed): Stroke | null {
  if (event.isComposing) return null;
  const command = event.metaKey || event.ctrlKey;
  // ⌘⏎ saves also from within the note, where ⏎ alone is a new line.
  if (event.key === "Enter" && command) return { do: "save" };
  if (command || event.altKey || event.typing) return null;
  switch (event.key) {
    case "j":
      return { do: "next" };
    case "k":
      return { do: "previous" };
    case "c":
      return { do: "kind", channel: "phone" };
    case "v":
      return { do: "kind", channel: "visit" };
    case "m":
      return { do: "kind", channel: "email" };
    case "n":
      return { do: "note" };
    case "Enter":
      return event.onControl ? null : { do: "save" };
    default:
      return /^[1-9]$/.test(event.key) ? { do: "outcome", number: Number(event.key) } : null;
  }
}
