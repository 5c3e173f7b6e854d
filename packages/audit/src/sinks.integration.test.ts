import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandSink, fileSink } from "@sigilrt/audit";
import { createCheckpointSigner, signCheckpoint } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
const note = (log: string, size: number): string =>
  signCheckpoint({ log, size, root: "A".repeat(43).concat("=") }, signer);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sinks-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("fileSink", () => {
  it("answers the newest note of a log among those of others", async () => {
    const sink = fileSink(join(folder, "notes"));
    expect(await sink.latest("audit-000001")).toBeUndefined();
    await sink.store(note("audit-000001", 1));
    await sink.store(note("audit-000001", 2));
    await sink.store(note("audit-000002", 3));
    expect(await sink.latest("audit-000001")).toBe(note("audit-000001", 2));
  });

  it("fails when its place is gone", async () => {
    await expect(
      fileSink(join(folder, "absent/notes")).store(note("audit-000001", 1)),
    ).rejects.toThrow("ENOENT");
  });
});

describe("commandSink", () => {
  const program = (text: string): readonly [string] => {
    const path = join(folder, "sink.sh");
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return [path];
  };

  it("hands the note over and asks for the newest", async () => {
    const sink = commandSink(
      program(
        `case $1 in store) cat > "${join(folder, "")}/$2";; latest) cat "${join(folder, "")}/$2" 2>/dev/null || true;; esac`,
      ),
    );
    expect(await sink.latest("audit-000001")).toBeUndefined();
    await sink.store(note("audit-000001", 2));
    expect(await sink.latest("audit-000001")).toBe(note("audit-000001", 2));
  });

  it.each([
    ["exits with 1", "exit 1", /ended with 1/u],
    ["floods", "yes", /too much output/u],
    ["does not read its input and fails", "exec 0<&-; exit 3", /ended with 3/u],
  ])("fails when the program %s", async (_how, text, message) => {
    await expect(commandSink(program(text)).store(note("audit-000001", 1))).rejects.toThrow(
      message,
    );
  });

  it("fails when there is no such program", async () => {
    await expect(commandSink([join(folder, "absent")]).latest("audit-000001")).rejects.toThrow(
      expect.objectContaining({ name: "AuditError", code: "IO" }),
    );
  });
});
