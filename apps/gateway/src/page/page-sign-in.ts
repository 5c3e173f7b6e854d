import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { type AdminAnswer, refusal } from "../admin/admin-routes.ts";
import { type Operator, operatorOf, type OperatorSources } from "./operator.ts";
import type { Sessions } from "./sessions.ts";

const MINUTE_MS = 60_000;
/** Nobody guesses 256 bits; this only keeps a loop from filling the log. */
const MAX_FAILURES = 30;

const credentials = z.union([
  z.strictObject({ link: z.string().max(128) }),
  z.strictObject({ token: z.string().max(256) }),
]);

/** What a sign-in is made of. */
export interface SignInOptions {
  readonly sessions: Sessions;
  readonly sources: OperatorSources;
  readonly clock: { now(): number };
  /** The port, which the cookie is named for: a cookie goes to every port of this machine. */
  readonly port: number;
  readonly signedIn: (actor: string) => Promise<void>;
}

/** Lets operators in. */
export interface SignIn {
  /** Who signed in with a session. */
  who(request: IncomingMessage): Promise<Operator | undefined>;
  /** Begins a session; the answer's `cookie` is for the browser alone. */
  begin(body: unknown): Promise<AdminAnswer & { readonly cookie?: string }>;
  /** Ends it; answers the cookie that forgets it. */
  end(request: IncomingMessage): string;
}

/** Makes the sign-in of a page. */
export function createSignIn(options: SignInOptions): SignIn {
  const { sessions, sources, clock, port, signedIn } = options;
  const name = `sigil_${port}`;
  const flags = "Path=/; HttpOnly; SameSite=Strict";
  let failures = { count: 0, since: 0 };
  const isTired = (): boolean => {
    if (clock.now() - failures.since > MINUTE_MS) failures = { count: 0, since: clock.now() };
    return failures.count >= MAX_FAILURES;
  };
  const cookieIn = ({ headers }: IncomingMessage): string =>
    (headers.cookie ?? "")
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? "";
  return {
    who(request) {
      const key = request.headers["x-sigil-key"];
      return sessions.find(cookieIn(request), typeof key === "string" ? key : "");
    },
    async begin(body) {
      const given = credentials.safeParse(body);
      if (!given.success) return refusal(400, "MALFORMED", "a link or a token signs in");
      if (isTired()) return refusal(429, "TOO_MANY", "too many failures; wait a minute");
      const operator =
        "link" in given.data
          ? sessions.redeem(given.data.link)
          : await operatorOf(given.data.token, sources);
      if (!operator) {
        failures.count += 1;
        return refusal(401, "NOT_SIGNED_IN", "this link or token does not hold, or is used up");
      }
      await signedIn(operator.name);
      const { cookie, key } = sessions.open(operator);
      return {
        status: 200,
        body: { key, name: operator.name, isPerson: operator.isPerson },
        cookie: `${name}=${cookie}; ${flags}`,
      };
    },
    end(request) {
      sessions.end(cookieIn(request));
      return `${name}=; Max-Age=0; ${flags}`;
    },
  };
}
