/** Whose LINE user id is whose, read from what somebody pasted or a file they chose. */

export interface Address {
  person: string;
  address: string;
}

export interface Read {
  addresses: Address[];
  /** The lines that are no pair, counted from 1. */
  wrong: number[];
}

const LINE_USER = /^U[0-9a-f]{32}$/;

/** A line each: the customer's Enishi id, then the LINE user id, by comma or tab. A head is passed
 * over. */
export function readAddresses(text: string): Read {
  const addresses: Address[] = [];
  const wrong: number[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const [person = "", address = "", ...rest] = line
      .split(/[,\t]/)
      .map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
    if (person !== "" && LINE_USER.test(address) && rest.every((part) => part === "")) {
      addresses.push({ person, address });
    } else if (index > 0) {
      wrong.push(index + 1);
    }
  });
  return { addresses, wrong };
}
