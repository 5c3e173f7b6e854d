import { type ManifestRule, quote } from "./manifest-error.ts";
import { isUnsatisfiable, readRange } from "./range.ts";
import { readVersion } from "./version.ts";

type Broken = readonly [rule: ManifestRule, message: string] | undefined;

const reservedNames = new Set(["self", "gateway", "host", "tool", "node"]);

/** The plugin id: lower case, digits, single dashes; no word of the runtime's own. */
export function checkName(name: string): Broken {
  if (name.length > 64 || !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u.test(name)) {
    const rule = "lower-case letters and digits, joined by single dashes, at most 64";
    return ["name.malformed", `Cannot name a plugin ${quote(name)}: write ${rule}`];
  }
  return reservedNames.has(name)
    ? ["name.reserved", `Cannot name a plugin ${quote(name)}: the runtime uses that word`]
    : undefined;
}

/** A strict version; "1.0" and "v1.0.0" are none. */
export const checkVersion = (text: string): Broken =>
  readVersion(text) === undefined
    ? ["version.not-semver", `Cannot use version ${quote(text)}: write three numbers, as in 1.0.0`]
    : undefined;

/** A range of versions that some version is in. */
export function checkRange(subject: "engine" | "dependency"): (text: string) => Broken {
  const malformed = subject === "engine" ? "engine.not-range" : "dependency.range";
  const empty = subject === "engine" ? "engine.unsatisfiable" : "dependency.range";
  return (text) => {
    const range = readRange(text);
    if (range === undefined) {
      const advice = "write comparators such as >=1.2.0 <2, at most 8, joined by space or ||";
      return [malformed, `Cannot use range ${quote(text)}: ${advice}`];
    }
    return isUnsatisfiable(range)
      ? [empty, `Cannot use range ${quote(text)}: no version is in it`]
      : undefined;
  };
}

/** A tool's name. */
export const checkToolName = (name: string): Broken =>
  /^[A-Za-z0-9_.-]{1,128}$/u.test(name)
    ? undefined
    : ["tool.name", `Cannot name a tool ${quote(name)}: write letters, digits, _ . -, at most 128`];

/** The name of a secret, volume or collection. */
export const checkSecretName =
  (rule: ManifestRule) =>
  (name: string): Broken =>
    /^[a-z][a-z0-9_]{0,63}$/u.test(name)
      ? undefined
      : [
          rule,
          `Cannot use name ${quote(name)}: write a lower-case letter, then letters, digits, _`,
        ];
