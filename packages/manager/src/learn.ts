import { basename } from "node:path";
import type { PluginStore } from "@sigilrt/integrity";
import type { HostCall, PluginHost, Refusal, RunningPlugin } from "@sigilrt/lifecycle";
import { extendManifest, ManifestError, requestedCapabilities } from "@sigilrt/manifest";
import { agreesToAll } from "./consent.ts";
import type { LearnedCall, LearnReport, ProposedRight, Scenario } from "./learn-report.ts";
import { ManagerError } from "./manager-error.ts";
import { type HeardRefusal, proposeRights } from "./propose-rights.ts";
import type { Settings } from "./options.ts";
import { findNamed, readManifest } from "./read-folder.ts";
import { standIns, withSecrets } from "./deliver-secrets.ts";
import { hostFor, specFor, startFailure } from "./start.ts";
import { markProgram } from "./verify.ts";

/** How a plugin is watched. */
export interface LearnPluginOptions {
  /** Where its bytes are copied to, and run from. */
  readonly store: PluginStore;
  /** Hosts by adapter; each has to tell of refusals. */
  readonly hosts: Readonly<Record<string, PluginHost>>;
  /** What it is asked to do. */
  readonly scenario: Scenario;
  /** Ends the work. */
  readonly signal?: AbortSignal;
}

/** For whom a watched plugin runs, so that its data folder is one of its own. */
const learner = { workspace: "system", user: "system:learn" };
/** Refusals of one run that are kept. */
const MOST_REFUSALS = 10_000;

/**
 * Runs the plugin in a folder once, contained and granted what its manifest asks for and nothing else, and proposes the narrowest rights
 * that cover what was refused. It takes part in nothing: no grant is registered, and what is proposed is text for a person.
 *
 * @throws {@link ManagerError} when its tree is refused, or it does not start; ManifestError when its manifest has a fault;
 * IntegrityError when it cannot be read or stored
 */
export async function learnPlugin(
  root: string,
  { store, hosts, scenario, signal = AbortSignal.timeout(300_000) }: LearnPluginOptions,
): Promise<LearnReport> {
  const tree = await store.admit(root, { signal });
  if (!tree.ok) {
    const rejection = { ...tree.rejection, plugin: basename(root) };
    const message = `Cannot learn from "${root}": its tree is refused: ${tree.rejection.kind}`;
    throw new ManagerError("VERIFICATION_FAILED", message, { rejection });
  }
  const { manifest, bytes } = await readManifest(tree.path);
  await markProgram(store, tree, manifest);
  const requested = requestedCapabilities(manifest).map(({ pattern }) => pattern);
  const plugin = { manifest, requested };
  const { name, version } = manifest;
  const { digest } = tree;
  const identity = { plugin: name, version, digest, epoch: 0, slot: 0, ...learner };

  const heard: HeardRefusal[] = [];
  let during = "while it started";
  const onRefusal = (refusal: Refusal): void => {
    if (heard.length < MOST_REFUSALS) heard.push({ ...refusal, during });
  };
  const host = hostFor(plugin, { hosts, secrets: standIns, storage: ["kv"] });
  const calls: LearnedCall[] = [];
  try {
    const bare = { ...specFor(plugin, tree.path, { identity }), onRefusal };
    const spec = await withSecrets(bare, manifest, standIns, signal);
    await using running = await host.start(`${name}-learn`, spec, { signal });
    const ended = running.exited.then(() => true);
    for (const { tool, arguments: args } of scenario.calls) {
      during = `while ${tool} ran`;
      const call = {
        tool,
        arguments: args,
        requestId: `learn-${calls.length}`,
        principal: learner,
      };
      // oxlint-disable-next-line no-await-in-loop -- in the order of the scenario
      calls.push(await tryCall(running, call, ended, spec.limits.callMs, signal));
    }
    during = "while it ended";
  } catch (cause) {
    signal.throwIfAborted();
    if (heard.length === 0)
      throw cause instanceof ManagerError ? cause : startFailure(plugin, cause);
    // It did not start, and what it was refused may be why: that is what a person wants to know.
    const { message } = startFailure(plugin, cause);
    calls.push({ tool: "(start)", outcome: "failed", message: message.slice(0, MOST_TEXT) });
  }
  const text = new TextDecoder().decode(bytes);
  const { proposed, ...rest } = proposeRights(heard, requested, (pattern) =>
    faultOf(text, [{ pattern, evidence: [], isWidened: false }]),
  );
  const extended = extendManifest(text, proposed.map(addedOf));
  return Object.freeze({
    plugin: name,
    version,
    digest,
    calls,
    proposed,
    ...rest,
    manifest: extended,
  });
}

/**
 * As {@link learnPlugin}, for a plugin of a manager.
 *
 * @throws {@link ManagerError} also `CONSENT_REQUIRED`, `PLUGIN_NOT_FOUND`
 */
export async function learnNamed(
  name: string,
  scenario: Scenario,
  settings: Pick<Settings, "consent" | "directories" | "folders" | "hosts">,
  store: PluginStore,
  signal: AbortSignal,
): Promise<LearnReport> {
  if (!agreesToAll(settings.consent)) {
    const message = `Cannot learn from "${name}": this manager asks for consent, and nobody has given it; learn in one made with acceptDeclared()`;
    throw new ManagerError("CONSENT_REQUIRED", message, { plugin: name });
  }
  const { found } = await findNamed(settings, name);
  const [folder, second] = found;
  if (!folder) {
    const message = `Cannot learn from "${name}": no folder of that name holds a valid manifest`;
    throw new ManagerError("PLUGIN_NOT_FOUND", message, { plugin: name });
  }
  if (second) {
    const message = `Cannot learn from "${name}": "${folder.dir}" and "${second.dir}" have that name`;
    throw new ManagerError("DUPLICATE_NAME", message, { plugin: name });
  }
  return learnPlugin(folder.dir, { store, hosts: settings.hosts, scenario, signal });
}

const MOST_TEXT = 500;

async function tryCall(
  running: RunningPlugin,
  call: HostCall,
  ended: Promise<boolean>,
  callMs: number,
  signal: AbortSignal,
): Promise<LearnedCall> {
  const { tool } = call;
  if (await Promise.race([ended, Promise.resolve(false)])) {
    return { tool, outcome: "not_run", message: "the plugin had ended" };
  }
  try {
    let said = "";
    let isError = false;
    for await (const chunk of running.call(call, { signal, deadlineAt: Date.now() + callMs })) {
      if (chunk.kind === "result") isError = chunk.isError;
      if (chunk.kind === "content" && chunk.content.kind === "text") said += chunk.content.text;
    }
    return { tool, outcome: isError ? "error" : "ok", message: said.slice(0, MOST_TEXT) };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : "unknown failure";
    return { tool, outcome: "failed", message: message.slice(0, MOST_TEXT) };
  }
}

/** Why a manifest cannot ask for something, in the words of its rules. */
function faultOf(text: string, rights: readonly ProposedRight[]): string | undefined {
  try {
    extendManifest(text, rights.map(addedOf));
    return undefined;
  } catch (error) {
    if (error instanceof ManifestError) return error.issues[0]?.message ?? error.message;
    throw error;
  }
}

const MOST_DESCRIPTION = 280;

const addedOf = ({
  pattern,
  evidence,
  isWidened,
}: ProposedRight): { readonly pattern: string; readonly description: string } => {
  const reason = `${isWidened ? "learnt and widened" : "learnt"}: ${evidence.join("; ")}`;
  // A path that the plugin chose stands in it.
  const shown = reason.replaceAll(/[^\x20-\x7E]/gu, "?");
  return { pattern, description: shown.slice(0, MOST_DESCRIPTION) };
};
