import { checkName } from "./identity-rules.ts";
import { errorAt, type Finding, warningAt } from "./issue.ts";
import { quote } from "./manifest-error.ts";
import { readDuration, readSize } from "./quantity.ts";
import { isList, valueAt } from "./shape.ts";
import type { Plain } from "./snapshot.ts";

const containerNetworks = ["none", "restricted", "host"];

/** What a container needs, what no other tier uses, and the two spellings of its memory. */
export function checkContainer(value: Plain): readonly Finding[] {
  const findings: Finding[] = [];
  const at = (...path: readonly string[]): Plain => valueAt(value, path) ?? null;
  const container = at("execution", "tier") === "container";
  const network = at("execution", "network");
  if (typeof network === "string" && !containerNetworks.includes(network)) {
    const message = `Cannot use network ${quote(network)}: it must be one of ${containerNetworks.join(", ")}`;
    findings.push(errorAt(["execution", "network"], "container.network", message));
  }
  if (container && at("execution", "image") === null) {
    findings.push(
      errorAt(["execution"], "container.image", "Cannot run a container: image is missing"),
    );
  }
  const memory = [at("resources", "memory"), at("execution", "memory_limit")];
  if (container && memory.every((size) => size === null)) {
    const message = "Cannot run a container: memory_limit is missing";
    findings.push(errorAt(["execution"], "container.memory", message));
  }
  const [one, two] = memory.map(bytesOf);
  if (one !== undefined && two !== undefined && one !== two) {
    const message =
      "Cannot use two memory limits: execution.memory_limit and resources.memory differ";
    findings.push(errorAt(["execution", "memory_limit"], "memory.two-values", message));
  }
  for (const key of container ? [] : ["image", "network"]) {
    if (at("execution", key) === null) continue;
    const message = `Nothing uses ${key} below tier container: it stands ready if policy raises the tier`;
    findings.push(warningAt(["execution", key], "field.unused", message));
  }
  if (at("resources", "fuel") !== null && at("execution", "tier") !== "wasm") {
    findings.push(
      warningAt(["resources", "fuel"], "field.unused", "Nothing uses fuel outside tier wasm"),
    );
  }
  return findings;
}

/** Limits that bound each other. */
export function checkLimits(value: Plain): readonly Finding[] {
  const findings: Finding[] = [];
  const ms = (...path: readonly string[]): number | undefined => durationOf(valueAt(value, path));
  const idle = ms("resources", "timeouts", "idle");
  const call = ms("resources", "timeouts", "call") ?? 60_000;
  if (idle !== undefined && idle > call) {
    const message = "Cannot wait longer for progress than for the whole call: idle is above call";
    findings.push(errorAt(["resources", "timeouts", "idle"], "field.range", message));
  }
  const timeout = ms("health", "timeout");
  const interval = ms("health", "interval") ?? 30_000;
  if (timeout !== undefined && interval > 0 && timeout >= interval) {
    const message = "Cannot wait longer for a health answer than until the next question";
    findings.push(errorAt(["health", "timeout"], "field.range", message));
  }
  return findings;
}

/** Network without a proxy, variables given twice, dependencies on itself, volumes in one place. */
export function checkSections(value: Plain): readonly Finding[] {
  return [
    ...checkProxy(value),
    ...checkSecrets(value),
    ...checkDependencies(value),
    ...checkVolumes(value),
  ];
}

function checkProxy(value: Plain): readonly Finding[] {
  const network = ["execution", "sandbox", "network"];
  const allow = valueAt(value, [...network, "allow"]);
  if (!isList(allow) || allow.length === 0 || valueAt(value, [...network, "proxy"]) !== false)
    return [];
  const message = "Cannot reach hosts without the proxy: there is no direct route; leave proxy out";
  return [errorAt([...network, "proxy"], "network.proxy-required", message)];
}

function checkSecrets(value: Plain): readonly Finding[] {
  const secrets = valueAt(value, ["secrets"]);
  if (!isList(secrets)) return [];
  const env = valueAt(value, ["env"]);
  const taken = new Set(typeof env === "object" && env !== null ? Object.keys(env) : []);
  const findings: Finding[] = [];
  for (const [index, secret] of secrets.entries()) {
    const name = valueAt(secret, ["env"]);
    if (typeof name !== "string") continue;
    if (taken.has(name)) {
      const message = `Cannot put a secret into ${quote(name)}: the variable is given already`;
      findings.push(errorAt(["secrets", index, "env"], "secret.env-clash", message));
    }
    taken.add(name);
  }
  return findings;
}

function checkDependencies(value: Plain): readonly Finding[] {
  const dependencies = valueAt(value, ["dependencies"]);
  if (typeof dependencies !== "object" || dependencies === null || isList(dependencies)) return [];
  const names = Object.keys(dependencies);
  const findings: Finding[] = [];
  if (names.length > 32) {
    const message = `Cannot depend on ${names.length} plugins: at most 32`;
    findings.push(errorAt(["dependencies"], "field.count", message));
  }
  for (const name of names) {
    const path = ["dependencies", name];
    const broken = checkName(name);
    if (broken) findings.push(errorAt(path, broken[0], broken[1], { atKey: true }));
    if (name === valueAt(value, ["name"])) {
      const message = "Cannot depend on itself: remove the line";
      findings.push(errorAt(path, "dependency.self", message, { atKey: true }));
    }
  }
  return findings;
}

function checkVolumes(value: Plain): readonly Finding[] {
  const volumes = valueAt(value, ["storage", "volumes"]);
  if (!isList(volumes)) return [];
  const mounts = volumes.map((volume) => valueAt(volume, ["mount"]));
  return mounts.flatMap((mount, index) =>
    typeof mount === "string" && mounts.indexOf(mount) < index
      ? [
          errorAt(
            ["storage", "volumes", index, "mount"],
            "field.duplicate",
            `Cannot mount twice at ${quote(mount)}`,
          ),
        ]
      : [],
  );
}

function bytesOf(size: Plain): number | undefined {
  if (typeof size !== "string" && typeof size !== "number") return undefined;
  const read = readSize(size);
  return read.ok ? read.value : undefined;
}

function durationOf(text: Plain | undefined): number | undefined {
  if (typeof text !== "string") return undefined;
  const read = readDuration(text);
  return read.ok ? read.value : undefined;
}
