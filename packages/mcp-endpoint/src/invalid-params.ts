import { RPC, type RpcError } from "./vocabulary.ts";

/** One thing that is wrong with the params of a request. */
export interface ParamsIssue {
  /** Where, as keys and indices from the params on. */
  readonly path: readonly (string | number)[];
  /** What is wrong; not what was found there. */
  readonly message: string;
}

/** The error of a request whose params are wrong. Values are not repeated: an error ends up in logs. */
export function invalidParams(issues: readonly ParamsIssue[]): RpcError {
  const listed = issues.map(({ path, message }) => ({ pointer: pointerOf(path), message }));
  return { code: RPC.invalidParams, message: "Invalid params", data: { issues: listed } };
}

/** https://www.rfc-editor.org/rfc/rfc6901 */
const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
