/** What is done to a mail's HTML so that a page can show it as a mail program would. */

const DARK_QUERY = /\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi;
const LIGHT_QUERY = /\(\s*prefers-color-scheme\s*:\s*light\s*\)/gi;
/** The picture that notes an opening: who looks at a mail here is not whom it went to. */
const PIXEL = /<img\b[^>]*\ssrc="[^"]*\/m\/o\/[^"]*"[^>]*>/gi;
const ALWAYS = "(min-width: 0)";
const NEVER = "(max-width: 0)";

/** Whether the mail says itself how it looks in the dark. */
export function knowsDark(html: string): boolean {
  return html.search(DARK_QUERY) >= 0;
}

/**
 * The mail as a document for a sandboxed frame.
 *
 * The queries for dark and light are answered here, so that the reader's own theme has no say. A
 * mail without a dark look of its own is turned as mail programs turn it: everything but pictures.
 * `blocks`: what is drawn of a block says that it can be picked.
 */
export function framed(html: string, dark: boolean, blocks = false): string {
  const asked = html
    .replace(PIXEL, "")
    .replace(DARK_QUERY, dark ? ALWAYS : NEVER)
    .replace(LIGHT_QUERY, dark ? NEVER : ALWAYS);
  const turn = dark && !knowsDark(html);
  const style = [
    `:root{color-scheme:${dark && !turn ? "dark" : "light"} !important}`,
    "html{overflow-wrap:anywhere}",
    "a{cursor:default}",
    blocks
      ? '[class^="b-"],[class^="b-"] *{cursor:pointer}' +
        '[class^="b-"]:hover:not(:has([class^="b-"]:hover)){outline:2px solid #7d9cc9;outline-offset:-2px}'
      : "",
    turn
      ? "html{background:#fff;filter:invert(1) hue-rotate(180deg)}img{filter:invert(1) hue-rotate(180deg)}"
      : "",
  ].join("");
  const head = /<head[^>]*>/i.exec(asked);
  const own = `<style>${style}</style>`;
  if (!head) return own + asked;
  const at = head.index + head[0].length;
  return asked.slice(0, at) + own + asked.slice(at);
}
