import type { IntegrityRejection } from "@sigilrt/integrity";
import type { ManifestIssue } from "@sigilrt/manifest";

/** Every refusal at loading, with its evidence. */
export type PluginRejection =
  | IntegrityRejection
  | {
      /** A folder without `plugin.yaml`. */
      readonly kind: "missing_manifest";
      /** The folder's name. */
      readonly plugin: string;
      /** The folder. */
      readonly dir: string;
    }
  | {
      /** A `plugin.yaml` that is no manifest. */
      readonly kind: "schema_violation";
      /** The folder's name. */
      readonly plugin: string;
      /** Everything that is wrong with it. */
      readonly issues: readonly ManifestIssue[];
    }
  | {
      /** The lock does not name the plugin. */
      readonly kind: "unlocked_plugin";
      /** The plugin. */
      readonly plugin: string;
      /** Its folder. */
      readonly dir: string;
    }
  | {
      /** The lock names a plugin that has no folder. */
      readonly kind: "missing_plugin_directory";
      /** The plugin. */
      readonly plugin: string;
    }
  | {
      /** The plugin did not start. */
      readonly kind: "plugin_import_error";
      /** The plugin. */
      readonly plugin: string;
      /** What was started, relative to its tree. */
      readonly module: string;
      /** The class of the error. */
      readonly errorName: string;
      /** What went wrong. */
      readonly detail: string;
    }
  | {
      /** The folder is not named as its manifest says. */
      readonly kind: "manifest_id_mismatch";
      /** The folder. */
      readonly dir: string;
      /** The name in its manifest. */
      readonly id: string;
    }
  | {
      /** Several folders claim one name; none of them is admitted. */
      readonly kind: "duplicate_plugin";
      /** The name. */
      readonly id: string;
      /** The folders. */
      readonly dirs: readonly string[];
    }
  | {
      /** A plugin registered one key twice. */
      readonly kind: "registration_conflict";
      /** The plugin. */
      readonly plugin: string;
      /** `tool:` or `hook:` and the name. */
      readonly key: string;
    }
  | {
      /** The plugin is made for other runtimes. */
      readonly kind: "engine_unsupported";
      /** The plugin. */
      readonly plugin: string;
      /** The range in its manifest. */
      readonly range: string;
      /** This runtime's version. */
      readonly actual: string;
    }
  | {
      /** Nobody agreed to all that the plugin asks for. */
      readonly kind: "consent_required";
      /** The plugin. */
      readonly plugin: string;
      /** The digest that consent is needed for. */
      readonly digest: string;
      /** What no consent covers. */
      readonly missing: readonly string[];
    }
  | {
      /** Another version than was locked. */
      readonly kind: "version_mismatch" | "rollback_detected";
      /** The plugin. */
      readonly plugin: string;
      /** The locked version. */
      readonly locked: string;
      /** The version in its manifest; `rollback_detected` when it is older. */
      readonly actual: string;
    };

/**
 * The exit code of a refusal at loading, which is 4 for each of them: a set that is not whole does not run. The list names every
 * kind, so that a new one without a line does not compile.
 */
export function exitCodeForRejection(rejection: PluginRejection): 4 {
  switch (rejection.kind) {
    case "integrity_mismatch":
    case "missing_manifest":
    case "schema_violation":
    case "unlocked_plugin":
    case "missing_plugin_directory":
    case "plugin_import_error":
    case "symlink_escape":
    case "lockfile_malformed":
    case "lockfile_unsupported":
    case "unsupported_digest_algorithm":
    case "legacy_digest":
    case "path_unsafe":
    case "path_collision":
    case "hard_link":
    case "special_file":
    case "mount_point":
    case "unsafe_mode":
    case "tree_limit":
    case "changed_during_read":
    case "file_list_mismatch":
    case "verifier_failed":
    case "signature_missing":
    case "signature_invalid":
    case "untrusted_signer":
    case "attestation_subject_mismatch":
    case "integrity_mismatch_at_load":
    case "unlisted_file_loaded":
    case "import_outside_plugin":
    case "addon_not_allowed":
    case "surface_changed":
    case "manifest_id_mismatch":
    case "duplicate_plugin":
    case "version_mismatch":
    case "rollback_detected":
    case "registration_conflict":
    case "engine_unsupported":
    case "consent_required":
      return 4;
    default:
      return rejection satisfies never;
  }
}

const kinds: Readonly<Record<PluginRejection["kind"], true>> = {
  integrity_mismatch: true,
  missing_manifest: true,
  schema_violation: true,
  unlocked_plugin: true,
  missing_plugin_directory: true,
  plugin_import_error: true,
  symlink_escape: true,
  lockfile_malformed: true,
  lockfile_unsupported: true,
  unsupported_digest_algorithm: true,
  legacy_digest: true,
  path_unsafe: true,
  path_collision: true,
  hard_link: true,
  special_file: true,
  mount_point: true,
  unsafe_mode: true,
  tree_limit: true,
  changed_during_read: true,
  file_list_mismatch: true,
  verifier_failed: true,
  signature_missing: true,
  signature_invalid: true,
  untrusted_signer: true,
  attestation_subject_mismatch: true,
  integrity_mismatch_at_load: true,
  unlisted_file_loaded: true,
  import_outside_plugin: true,
  addon_not_allowed: true,
  surface_changed: true,
  manifest_id_mismatch: true,
  duplicate_plugin: true,
  version_mismatch: true,
  rollback_detected: true,
  registration_conflict: true,
  engine_unsupported: true,
  consent_required: true,
};

const isKind = (kind: string): kind is PluginRejection["kind"] => Object.hasOwn(kinds, kind);

/** Every kind of refusal; the type of the list it is made from makes it complete. */
export const PLUGIN_REJECTION_KINDS: readonly PluginRejection["kind"][] = Object.freeze(
  Object.keys(kinds).filter(isKind),
);
