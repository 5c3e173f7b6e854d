import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Operator } from "./operator.ts";

const LINK_MS = 3_600_000;
const IDLE_MS = 3_600_000;
const WHOLE_MS = 43_200_000;
const MAX_SESSIONS = 16;

/** What a browser holds: the cookie goes to every port of this machine, so it opens nothing without the key, which no other origin can read. */
interface SessionSecrets {
  readonly cookie: string;
  readonly key: string;
}

/** Sign-ins of the page, in memory: they end with the gateway. Secrets are kept as hashes. */
export interface Sessions {
  /** Makes a secret that signs somebody in once, within an hour. The one before is void. */
  issueLink(operator: Operator): string;
  /** Uses it up. */
  redeem(link: string): Operator | undefined;
  /** Begins a session of at most twelve hours, and one hour without a request; the oldest of more than sixteen ends. */
  open(operator: Operator): SessionSecrets;
  /** Who asks with these; `undefined` unless both belong together and still hold. */
  find(cookie: string, key: string): Promise<Operator | undefined>;
  end(cookie: string): void;
}

interface Session {
  readonly operator: Operator;
  readonly key: Buffer;
  readonly begun: number;
  used: number;
}

/** Makes the sign-ins of one gateway. */
export function createSessions(clock: { now(): number }): Sessions {
  const sessions = new Map<string, Session>();
  let link: { readonly hash: Buffer; readonly operator: Operator; readonly at: number } | undefined;
  return {
    issueLink(operator) {
      const secret = secretText();
      link = { hash: hashOf(secret), operator, at: clock.now() };
      return secret;
    },
    redeem(secret) {
      const found = link;
      if (!found || !timingSafeEqual(hashOf(secret), found.hash)) return undefined;
      link = undefined;
      return clock.now() - found.at <= LINK_MS ? found.operator : undefined;
    },
    open(operator) {
      const [cookie, key] = [secretText(), secretText()];
      const now = clock.now();
      sessions.set(nameOf(cookie), { operator, key: hashOf(key), begun: now, used: now });
      const [oldest] = sessions.keys();
      if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      return { cookie, key };
    },
    async find(cookie, key) {
      const name = nameOf(cookie);
      const session = sessions.get(name);
      if (!session || !timingSafeEqual(hashOf(key), session.key)) return undefined;
      const now = clock.now();
      const isOver = now - session.begun > WHOLE_MS || now - session.used > IDLE_MS;
      if (isOver || !(await session.operator.stands())) {
        sessions.delete(name);
        return undefined;
      }
      session.used = now;
      return session.operator;
    },
    end: (cookie) => void sessions.delete(nameOf(cookie)),
  };
}

const secretText = (): string => randomBytes(32).toString("base64url");
/** 256 random bits need no slow hash, and a map of hashes tells nothing by its time. */
const hashOf = (secret: string): Buffer => createHash("sha256").update(secret).digest();
const nameOf = (cookie: string): string => hashOf(cookie).toString("hex");
