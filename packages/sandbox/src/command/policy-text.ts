import type { EgressRule } from "../egress-rules.ts";
import type { Policy, PolicyNote } from "../policy.ts";
import { quoted } from "../quoted.ts";

/** What a policy lets a program touch, in plain words, for a reviewer who has half a minute. */
export function policyLines(policy: Policy): readonly string[] {
  const { mounts, masks, egress, environment, limits, notes } = policy;
  const files = mounts.map(
    ({ source, target, mode }) =>
      `${mode === "rw" ? "reads and changes" : "reads"} ${quoted(source)}${source === target ? "" : `, which it sees as ${quoted(target)}`}`,
  );
  const hidden = masks.map(({ target }) => `does not see ${quoted(target)}`);
  const network = egress.length === 0 ? ["has no network"] : egress.map(networkLine);
  return [
    `policy ${policy.digest}`,
    ...[...files, ...hidden, ...network].map((line) => `  ${line}`),
    `  has the variables ${Object.keys(environment).join(", ")}`,
    `  has ${mebibytes(limits.memoryBytes)} of memory, ${limits.pids} processes, ${limits.openFiles} open files, ${mebibytes(limits.fileBytes)} a file, ${mebibytes(limits.tmpBytes)} of temporary space`,
    ...notes.map((note) => `  note: ${noteWords[note]}`),
    "  sees no other file of this machine than the system's libraries, and none of its processes",
  ];
}

function networkLine({ effect, kind, host, port }: EgressRule): string {
  const place = {
    name: host,
    suffix: `every name below ${host}`,
    address: host,
    any: "every public name",
  }[kind];
  const at = port === null ? "" : `, port ${port}`;
  return `${effect === "allow" ? "connects" : "does not connect"} to ${place}${at}`;
}

const noteWords: Readonly<Record<PolicyNote, string>> = {
  "write-implies-read": "what it may write it may read as well",
  "any-destination": "it may send what it reads anywhere",
  "all-programs": "it may run every program of the system, under the same policy",
};

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
