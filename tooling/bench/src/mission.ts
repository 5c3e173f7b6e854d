import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileEnvelope, openContained, protectObjects } from "@sigilrt/envelope";
import type { CallCase } from "./call-ratio.ts";

const containedOpen: CallCase = {
  name: "envelope: a contained open, against a bare one of the same file",
  maxRatio: 8,
  calls: 1_000,
  async open() {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "bench-envelope-")));
    const path = join(root, "out/deep/a.txt");
    mkdirSync(join(root, "out/deep"), { recursive: true });
    writeFileSync(path, "text");
    writeFileSync(join(root, "plugins.lock"), "rules");
    const envelope = compileEnvelope(
      {
        allowOps: ["tool.files.*"],
        allowPaths: ["out/**"],
        denyPaths: ["out/private"],
        protectedPaths: [],
        maxBudgetUsd: "0",
        expiresAt: null,
      },
      { root, protectedObjects: await protectObjects([join(root, "plugins.lock")]) },
    );
    const request = {
      operation: "tool.files.read",
      path: "out/deep/a.txt",
      access: "read",
      now: 0,
    } as const;
    return {
      async ours() {
        const outcome = await openContained(envelope, request);
        if (outcome.ok) await outcome.file.close();
        return outcome.ok;
      },
      async peer() {
        const handle = await open(path, "r");
        await handle.close();
        return true;
      },
      [Symbol.asyncDispose]: async () => rmSync(root, { recursive: true }),
    };
  },
};

/** How a mission's own parts compare; what its journal costs is among the cases of the audit log. */
export const missionCases: readonly CallCase[] = [containedOpen];
