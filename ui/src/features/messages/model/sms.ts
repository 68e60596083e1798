/** How many segments a text message takes. One character beyond GSM 7-bit makes all of it UCS-2. */

const GSM =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/** Each takes two places. */
const GSM_MORE = "\f^{}\\[~]|€";

export interface Segments {
  encoding: "gsm7" | "ucs2";
  /** Places taken: septets, or UTF-16 units. */
  length: number;
  segments: number;
  /** Places that are left in the last segment. */
  left: number;
}

export function segmentsOf(text: string): Segments {
  const plain = [...text].every((one) => GSM.includes(one) || GSM_MORE.includes(one));
  const length = plain
    ? [...text].reduce((sum, one) => sum + (GSM_MORE.includes(one) ? 2 : 1), 0)
    : text.length;
  const [single, joined] = plain ? [160, 153] : [70, 67];
  if (length <= single) {
    return {
      encoding: plain ? "gsm7" : "ucs2",
      length,
      segments: length === 0 ? 0 : 1,
      left: single - length,
    };
  }
  const segments = plain ? Math.ceil(length / joined) : split(text, joined);
  const used = plain ? length : length + padding(text, joined);
  return { encoding: plain ? "gsm7" : "ucs2", length, segments, left: segments * joined - used };
}

/** A character of two units is not cut in half: it goes to the next segment. */
function padding(text: string, size: number): number {
  let at = 0;
  let lost = 0;
  for (const one of text) {
    if (one.length === 2 && at % size === size - 1) {
      lost += 1;
      at += 1;
    }
    at += one.length;
  }
  return lost;
}

function split(text: string, size: number): number {
  return Math.ceil((text.length + padding(text, size)) / size);
}
