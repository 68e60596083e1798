import { describe, expect, it } from "vitest";
import { headerOf, textOf } from "./csv";

describe("the header of a CSV", () => {
  it("is read whatever parts and quotes its names", () => {
    expect(headerOf('id,"a, ""b""",when\n1,2,3')).toEqual(["id", 'a, "b"', "when"]);
    expect(headerOf("id\twhen\r\n1\t2")).toEqual(["id", "when"]);
    expect(headerOf("id;when")).toEqual(["id", "when"]);
    expect(headerOf('"two\nlines",b\n')).toEqual(["two\nlines", "b"]);
    expect(headerOf("")).toEqual([]);
  });
});

describe("the text of a file", () => {
  it("is read from UTF-8 with and without its mark, UTF-16 and CP932", () => {
    const bytes = (...all: number[]) => new Uint8Array(all).buffer;
    expect(textOf(bytes(0x61, 0xe3, 0x81, 0x82))).toBe("a\u3042");
    expect(textOf(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe("a");
    expect(textOf(bytes(0xff, 0xfe, 0x42, 0x30))).toBe("\u3042");
    expect(textOf(bytes(0x82, 0xa0))).toBe("\u3042");
    expect(textOf(bytes(0x81))).toBeNull();
  });
});
