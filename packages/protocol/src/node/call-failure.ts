import { ProtocolError } from "../protocol-error.ts";
import { STATUS, statusName } from "../status.ts";

/** The failure of a call that ended with a status other than OK. */
export const callEnded = (path: string, status: number, message: string): ProtocolError =>
  new ProtocolError(
    "CALL_FAILED",
    `Cannot call ${path}: ${statusName(status)}${message === "" ? "" : `, ${message}`}`,
    { status },
  );

/** The failure of a call whose time is over. */
export const callExpired = (path: string): ProtocolError =>
  callEnded(path, STATUS.DEADLINE_EXCEEDED, "its time is over");

/** The failure of a call whose caller no longer wants it. */
export const callCancelled = (path: string): ProtocolError =>
  callEnded(path, STATUS.CANCELLED, "cancelled by the caller");

/** What a handler reads when its call is over before its requests are. */
export const callOver = (): ProtocolError =>
  new ProtocolError("CALL_FAILED", "Cannot read on: the call is over", {
    status: STATUS.CANCELLED,
  });

/** The failure of a method called as one of another kind. */
export function refuseKind(kind: string, served: string): void {
  if (kind === served) return;
  throw new ProtocolError("METHOD_UNSUPPORTED", `Cannot call a ${kind} method as ${served}`, {
    status: STATUS.UNIMPLEMENTED,
  });
}

/** The failure of a call that has one answer, and got another number of them. */
export const misframed = (found: string): ProtocolError =>
  new ProtocolError("FRAME_MALFORMED", `Cannot read the one answer of a call: ${found}`, {
    status: STATUS.INTERNAL,
  });

/** The failure of a call whose answer has messages behind its status. */
export const afterStatus = (path: string): ProtocolError =>
  new ProtocolError(
    "FRAME_MALFORMED",
    `Cannot read an answer of ${path}: it goes on after its status`,
    { status: STATUS.INTERNAL },
  );

/** Reads an answer. Throws a {@link ProtocolError} `FRAME_MALFORMED`. */
export function decodedAnswer<O>(
  method: { readonly path: string; readonly decode: (bytes: Uint8Array) => O },
  bytes: Uint8Array,
): O {
  try {
    return method.decode(bytes);
  } catch (error) {
    throw new ProtocolError(
      "FRAME_MALFORMED",
      `Cannot read an answer of ${method.path}: not the message it should be`,
      { cause: error, status: STATUS.INTERNAL },
    );
  }
}
