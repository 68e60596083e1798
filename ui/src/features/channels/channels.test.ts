import { describe, expect, it } from "vitest";
import { readAddresses } from "./addresses";
import type { Setting } from "./data";
import { begun, filled, lacking, newSecret } from "./values";

const setting = (part: Partial<Setting>): Setting => ({
  name: "host",
  label: "Server",
  help: "",
  kind: "text",
  required: false,
  default: null,
  low: 0,
  high: 0,
  choices: [],
  ...part,
});

describe("LINE user ids", () => {
  const one = `U${"0a".repeat(16)}`;
  it("are read a line each, past a head", () => {
    const read = readAddresses(`person,line\r\np1,${one}\n"p2"\t"${one}"\n\n`);
    expect(read.addresses).toEqual([
      { person: "p1", address: one },
      { person: "p2", address: one },
    ]);
    expect(read.wrong).toEqual([]);
  });
  it("are told apart from what is none", () => {
    expect(readAddresses(`p1,${one}\np2,${one}x\n,${one}\np3,${one},p4`).wrong).toEqual([2, 3, 4]);
  });
});

describe("a provider's form", () => {
  const settings = [
    setting({ required: true }),
    setting({ name: "port", kind: "number", required: true, default: 587 }),
    setting({ name: "token", kind: "secret", required: true }),
  ];
  it("begins with the defaults, and sends nothing that is empty", () => {
    expect(begun(settings).config).toEqual({ port: 587 });
    expect(filled({ host: "", port: 25, name: null })).toEqual({ port: 25 });
  });
  it("lacks what is needed and not set, secrets that are kept aside", () => {
    const names = (values: Parameters<typeof lacking>[1], known: string[] = []) =>
      lacking(settings, values, known).map((found) => found.name);
    expect(names(begun(settings))).toEqual(["host", "token"]);
    expect(names({ config: { host: "mx" }, secrets: {} }, ["token"])).toEqual([]);
    expect(names({ config: { host: "mx" }, secrets: { token: "" } }, ["token"])).toEqual(["token"]);
  });
  it("makes secrets nobody can guess", () => {
    expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(newSecret()).not.toBe(newSecret());
  });
});
