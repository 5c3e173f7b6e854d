import {
  exitCodeForRejection,
  PLUGIN_REJECTION_KINDS,
  type PluginRejection,
} from "@sigilrt/manager";
import { describe, expect, it } from "vitest";

describe("exitCodeForRejection", () => {
  it.each(PLUGIN_REJECTION_KINDS)("is 4 for %s", (kind) => {
    expect(exitCodeForRejection({ kind } as PluginRejection)).toBe(4);
  });

  it("knows the eight kinds of the first design", () => {
    expect(PLUGIN_REJECTION_KINDS).toEqual(
      expect.arrayContaining([
        "integrity_mismatch",
        "missing_manifest",
        "schema_violation",
        "unlocked_plugin",
        "missing_plugin_directory",
        "plugin_import_error",
        "symlink_escape",
        "lockfile_malformed",
      ]),
    );
  });
});
