/** What is read of a CSV before it is sent: its text, and the names of its columns. */

const ENCODINGS = ["utf-8", "shift_jis"] as const;

/** The text of a file in UTF-8, UTF-16 (by its mark) or CP932; null when it is none of them. */
export function textOf(content: ArrayBuffer): string | null {
  const bytes = new Uint8Array(content);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  for (const encoding of ENCODINGS) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next one may fit.
    }
  }
  return null;
}

/** The names in the first line, which may be quoted and parted by comma, tab or semicolon. */
export function headerOf(content: string): string[] {
  const parter = [",", "\t", ";"]
    .map((one) => [one, firstLine(content).split(one).length] as const)
    .reduce((best, one) => (one[1] > best[1] ? one : best))[0];
  const found: string[] = [];
  let name = "";
  let quoted = false;
  for (let at = 0; at < content.length; at += 1) {
    const character = content[at];
    if (quoted) {
      if (character !== '"') name += character;
      else if (content[at + 1] === '"') {
        name += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === parter) {
      found.push(name);
      name = "";
    } else if (character === "\n" || character === "\r") break;
    else name += character;
  }
  found.push(name);
  return found.map((one) => one.trim()).filter(Boolean);
}

function firstLine(content: string): string {
  const end = content.search(/[\r\n]/);
  return end < 0 ? content : content.slice(0, end);
}
