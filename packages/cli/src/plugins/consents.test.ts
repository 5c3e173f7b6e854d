import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consentStore, readConsents, writeConsents } from "./consents.ts";

const surface = {
  capabilities: [],
  hooks: [],
  tools: [{ name: "add", description: "Adds", inputSchema: { type: "object" } }],
};
const consent = { capabilities: ["kv.read"], digest: "tree1-sha256:00", surface, userId: "ada" };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "consents-"));
  path = join(folder, "consents.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("recorded consents", () => {
  it("are read as they were written", async () => {
    await writeConsents(path, { notes: consent });
    expect(await readConsents(path)).toEqual({ notes: consent });
  });

  it("are found for exactly the bytes they are for", async () => {
    const store = consentStore({ notes: consent });
    const question = { requested: [] };
    expect(await store.find("notes", consent.digest, question)).toEqual(consent);
    expect(await store.find("notes", "tree1-sha256:01", question)).toBeUndefined();
    expect(await store.find("toString", consent.digest, question)).toBeUndefined();
  });

  it.each([
    ["{", "it is no JSON"],
    ['{"version":2,"consents":{}}', "version"],
    ['{"version":1,"consents":{},"skip":true}', "skip"],
    [
      `{"version":1,"consents":{"notes":${JSON.stringify({ ...consent, verify: false })}}}`,
      "verify",
    ],
    [`{"version":1,"consents":{"notes":${JSON.stringify({ ...consent, userId: "" })}}}`, "userId"],
  ])("are refused as a whole: %s", async (text, found) => {
    writeFileSync(path, text);
    await expect(readConsents(path)).rejects.toThrow(
      new RegExp(`^Cannot read the consents "${path}": .*${found}.*; restore the file`, "su"),
    );
  });
});
