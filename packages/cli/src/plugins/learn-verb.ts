import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LearnReport, Scenario } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { z } from "zod";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { candidateOf } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { touchLines } from "./profile-text.ts";

/** Runs a plugin once, contained, and tells what it was refused. */
export type Learn = (tree: string, scenario: Scenario) => Promise<LearnReport>;

/** How `sigil run --learn` was asked. */
export interface LearnVerbOptions {
  readonly scenario: Scenario;
  /** Puts the proposal in place of the manifest of the plugin that waits. */
  readonly write: boolean;
  readonly json: boolean;
}

/** Runs a plugin that nobody has agreed to, watched, and shows what it lacks: a proposal that a person may approve. */
export async function learnVerb(
  place: PluginPlace,
  name: string,
  { scenario, write, json }: LearnVerbOptions,
  learn: Learn,
  { out, err }: Terminal,
): Promise<number> {
  const candidate = await candidateOf(place, name);
  if (write && !candidate.staged) {
    throw new UsageError(
      `Cannot write the manifest of "${name}": it does not wait for a review; stage it with sigil add`,
    );
  }
  if (!json) err(`Running ${name} once, contained and watched, with no connection to anywhere`);
  const report = await learn(candidate.tree, scenario);
  if (report.plugin !== name) {
    throw new Error(`Cannot learn from "${name}": its manifest is named "${report.plugin}"`);
  }
  const isChanged = report.proposed.length > 0;
  if (write && isChanged) await writeFile(join(candidate.tree, "plugin.yaml"), report.manifest);
  if (json) out(JSON.stringify(report));
  else for (const line of learnLines(report, write && isChanged)) out(line);
  return EXIT.ok;
}

const scenarioSchema = z.strictObject({
  calls: z
    .array(
      z.strictObject({
        tool: z.string().min(1).max(128),
        arguments: z.record(z.string(), z.json()),
      }),
    )
    .max(1_000),
});

/**
 * The calls that a person wants to see: those of a file, and one of the command line.
 *
 * @throws {@link UsageError} when they are none
 */
export async function scenarioOf(given: {
  readonly tool?: string | undefined;
  readonly arguments?: string | undefined;
  readonly scenario?: string | undefined;
}): Promise<Scenario> {
  if (given.arguments !== undefined && given.tool === undefined) {
    throw new UsageError("Cannot run: --arguments goes with --tool");
  }
  const text =
    given.scenario === undefined ? '{"calls":[]}' : await readFile(given.scenario, "utf8");
  const written = parsed("--scenario", text);
  const called =
    given.tool === undefined
      ? []
      : [{ tool: given.tool, arguments: parsed("--arguments", given.arguments ?? "{}") }];
  const outcome = scenarioSchema.safeParse(written);
  const call = scenarioSchema.safeParse({ calls: called });
  const [issue] = [...(outcome.error?.issues ?? []), ...(call.error?.issues ?? [])];
  if (outcome.success && call.success)
    return { calls: [...outcome.data.calls, ...call.data.calls] };
  const where = issue?.path.join(".") ?? "";
  throw new UsageError(
    `Cannot read the scenario: ${issue?.message ?? "malformed"} at "${where}"; write {"calls": [{"tool": "name", "arguments": {}}]}`,
  );
}

function parsed(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`Cannot read ${what}: it is no JSON`, { cause });
  }
}

function learnLines(report: LearnReport, isWritten: boolean): readonly string[] {
  const { plugin, version, digest, calls, proposed, ungrantable, lookups, manifest } = report;
  const next = isWritten
    ? `Its manifest asks for this now. Next: sigil review ${plugin}`
    : `Nothing was changed. To let its manifest ask for this: sigil run ${plugin} --learn --write, with the same calls`;
  return [
    ...[
      `${plugin} ${version}`,
      `  bytes   ${digest}`,
      ...section(
        "calls",
        calls.map(({ tool, outcome, message }) => `${tool}: ${outcome}  ${message.slice(0, 120)}`),
      ),
      ...section(
        "refused, and proposed",
        proposed.flatMap(({ pattern, evidence, isWidened }) => [
          `${pattern}${isWidened ? "  (wider than what was seen)" : ""}`,
          ...evidence.map((line) => `  ${line}`),
        ]),
      ),
      ...section(
        "refused, and cannot be granted",
        ungrantable.map(({ evidence, reason }) => `${evidence}: ${reason}`),
      ),
      ...section("only looked for, nothing proposed", lookups),
      ...section("with the proposal it can touch", touchLines(parseManifest(manifest))),
    ].map((line) => escaped(line)),
    ...(proposed.length === 0
      ? ["Its manifest asks for all that it needed in this run."]
      : [
          "the manifest that asks for it",
          ...manifest
            .trimEnd()
            .split("\n")
            .map((line) => `  | ${escaped(line)}`),
          next,
        ]),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
