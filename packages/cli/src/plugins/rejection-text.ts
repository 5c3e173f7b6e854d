import type { PluginRejection } from "@sigilrt/manager";
import { escaped } from "../terminal.ts";

const restore = "bring back the approved bytes, or review and approve the new ones";
const repack = "lay the plugin out as plain files";
const relock = "restore the lock file from its history, or lock the plugins anew";
const author = "it is the author's to repair";

/** What to do about each kind of refusal. */
const remedies: Readonly<Record<PluginRejection["kind"], string>> = {
  integrity_mismatch: restore,
  missing_manifest: "a plugin folder holds plugin.yaml",
  schema_violation: "correct plugin.yaml, then review and approve it",
  unlocked_plugin: "review and approve it, or remove the folder",
  missing_plugin_directory: "bring the folder back, or take the plugin out of the lock",
  plugin_import_error: author,
  symlink_escape: repack,
  lockfile_malformed: relock,
  lockfile_unsupported: "it was written by another version of Sigil",
  unsupported_digest_algorithm: "it was written by another version of Sigil",
  legacy_digest: "sigil lock migrate locks it anew",
  path_unsafe: "rename the file",
  path_collision: "rename one of the two",
  hard_link: repack,
  special_file: repack,
  mount_point: repack,
  unsafe_mode: "take the set-id and world-writable bits away",
  tree_limit: "make the plugin smaller",
  changed_during_read: "somebody writes to it: find out who, then try again",
  file_list_mismatch: "remove manifest.txt, or write it anew",
  signature_missing: "ask the publisher for a signature",
  signature_invalid: "do not use these bytes; ask the publisher",
  untrusted_signer: "have the lock name the signer, if you trust it",
  attestation_subject_mismatch: "the attestation is about other bytes",
  verifier_failed: "the verifier could not answer; try again when it can",
  surface_changed: "review the difference and approve it",
  integrity_mismatch_at_load: "somebody writes to the store: find out who",
  unlisted_file_loaded: "somebody writes to the store: find out who",
  import_outside_plugin: author,
  addon_not_allowed: "allow the addon by name, if you trust it",
  manifest_id_mismatch: "name the folder as the manifest says",
  duplicate_plugin: "remove all but one",
  version_mismatch: "review and approve the new version",
  rollback_detected: "an older version than was approved: find out why",
  registration_conflict: author,
  engine_unsupported: "take a version that is made for this runtime",
  consent_required: "review and approve what it asks for",
};

/** A refusal in one line: what it is, the evidence, and what to do. */
export function rejectionText(rejection: PluginRejection): string {
  const { kind, ...evidence } = rejection;
  const parts = Object.entries(evidence)
    .filter(([name]) => name !== "plugin" && name !== "diff")
    .map(([name, value]) => `${name} ${textOf(value)}`);
  return escaped([kind, ...parts].join(", ").concat("; ", remedies[kind]));
}

const textOf = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
