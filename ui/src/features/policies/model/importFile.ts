/** A file's bytes in base64, as the API takes them. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(",") + 1));
    };
    reader.readAsDataURL(file);
  });
}

/** A cell that a spreadsheet shows as text: quoted, and never run as a formula. */
function cell(value: string | number): string {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** The rows that stop nobody, as a CSV with a BOM so that spreadsheets read it as UTF-8. */
export function unmatchedCsv(
  header: readonly string[],
  rows: readonly { line: number; said: string; sentence: string }[],
): string {
  const lines = [header, ...rows.map((one) => [one.line, one.said, one.sentence])];
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}
