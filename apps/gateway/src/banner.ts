import type { Configuration } from "./configuration.ts";
import type { Gateway } from "./gateway.ts";
import type { TokenOwner } from "./tokens.ts";

/** What a start tells the person who watches. */
export interface StartFacts {
  readonly address: string;
  readonly token: string;
  readonly owner: TokenOwner;
  /** Opens the page, once; absent when there is none. */
  readonly page?: string;
}

/** The start as lines for a person: what runs, what was refused and how to mend it, and what to paste into a client. */
export function banner(
  configuration: Configuration,
  gateway: Gateway,
  { address, token, owner, page }: StartFacts,
): readonly string[] {
  return [
    `Sigil gateway, ${configuration.path}`,
    "",
    row("wasm tier", "ready"),
    row("process tier", gateway.processTier.usable ? "ready" : "REFUSED, see below"),
    ...gateway.notices.map((notice) => row("note", notice)),
    ...gateway.manager
      .list()
      .map(({ name, version, tier, digest }) =>
        row("plugin", `${name} ${version}, ${tier}, ${digest.slice(0, 24)}…`),
      ),
    ...problems(gateway).map((problem) => row("REFUSED", problem)),
    "",
    row("MCP", address),
    row("token", token),
    row(
      "",
      `for ${owner.user} in ${owner.workspace}, until the next start; one that stays: sigil token create`,
    ),
    row("paste", clientLine(address, token)),
    ...(page === undefined
      ? []
      : [row("page", page), row("", "signs you in once, within an hour")]),
    "",
    "Stop with Ctrl-C.",
  ];
}

/** Why plugins are not there, one line each. */
export function problems({ report, manager, processTier: tier }: Gateway): readonly string[] {
  const failed = manager.list().flatMap(({ reason }) => (reason === undefined ? [] : [reason]));
  return [
    ...(tier.usable ? [] : [`process tier: ${tier.reason}; to mend it: ${tier.remedy}`]),
    ...report.skipped.map(({ message }) => message),
    ...report.rejected.map(({ message, rejection }) => `${message}${mending(rejection?.kind)}`),
    ...report.awaitingConsent.map(
      ({ plugin, digest }) =>
        `Cannot admit "${plugin}": nobody consented to ${digest}; review it, then record the consent`,
    ),
    ...failed,
  ];
}

/** What a person can do about a refusal. */
function mending(kind: string | undefined): string {
  if (kind === undefined) return "";
  if (kind === "missing_plugin_directory") return "; lay it out, or take it out of gateway.yaml";
  return changed.has(kind)
    ? "; restore its files, or review the change and lock it anew (the sample: npm run sample:lock)"
    : "";
}

const changed: ReadonlySet<string> = new Set([
  "integrity_mismatch",
  "version_mismatch",
  "rollback_detected",
  "unlocked_plugin",
]);

/** One line of JSON that MCP clients take as their configuration. */
function clientLine(url: string, token: string): string {
  const headers = { Authorization: `Bearer ${token}` };
  return JSON.stringify({ mcpServers: { sigil: { type: "http", url, headers } } });
}

const row = (name: string, text: string): string => `  ${name.padEnd(14)}${text}`;
