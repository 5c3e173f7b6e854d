import { dirname } from "node:path";
import { netCapability, pathCapability } from "@sigilrt/capability";
import type { Refusal } from "@sigilrt/lifecycle";
import type { Observation } from "@sigilrt/sandbox";

type PathObservation = Extract<Observation, { readonly kind: "path" }>;

/**
 * What an observation of the sandbox means in the language of grants. `fault` says why the sandbox would refuse a grant of that pattern.
 */
export function refusalOf(
  observation: Observation,
  fault: (pattern: string) => string | undefined,
): Refusal {
  switch (observation.kind) {
    case "path":
      return pathRefusal(observation, fault);
    case "destination": {
      const { host, port } = observation;
      const evidence = `asked for a connection to ${host}:${port}`;
      return named(evidence, () => netCapability("connect", host, port), fault);
    }
    case "direct":
      return {
        evidence: `tried ${observation.address}, port ${observation.port}, past the proxy`,
        obstacle:
          "the proxy is the only way out: a program finds it by HTTP_PROXY or SIGIL_EGRESS_SOCKET",
      };
    case "incomplete":
      return { evidence: "tried more than was recorded", obstacle: observation.reason };
    default:
      return observation satisfies never;
  }
}

function pathRefusal(
  { path, intent, found }: PathObservation,
  fault: (pattern: string) => string | undefined,
): Refusal {
  switch (intent) {
    case "look":
      return { evidence: `looked for ${path}`, isLookup: true };
    case "connect":
      return {
        evidence: `tried the socket ${path}`,
        obstacle: "no grant shows a socket of the host",
      };
    case "run":
      return named(`tried to run ${path}`, () => pathCapability("exec.run", path), fault);
    case "read":
      return named(
        `tried to read ${path}`,
        () =>
          found === "directory"
            ? tree("filesystem.read", path)
            : pathCapability("filesystem.read", path),
        fault,
      );
    case "write":
      return named(
        found === "nothing" ? `tried to create ${path}` : `tried to change ${path}`,
        () => {
          if (found === "nothing") return tree("filesystem.write", dirname(path));
          if (found === "directory") return tree("filesystem.write", path);
          return pathCapability("filesystem.write", path);
        },
        fault,
      );
    default:
      return intent satisfies never;
  }
}

/** The grammar has no word for some paths and hosts that a program may try. */
function named(
  evidence: string,
  pattern: () => string,
  fault: (pattern: string) => string | undefined,
): Refusal {
  try {
    const name = pattern();
    const obstacle = fault(name);
    return { evidence, pattern: name, ...(obstacle === undefined ? {} : { obstacle }) };
  } catch (error) {
    return { evidence, obstacle: error instanceof Error ? error.message : "it cannot be named" };
  }
}

const tree = (family: string, folder: string): string => `${pathCapability(family, folder)}/*`;
