import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, open, readdir, readFile, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { ShownToken } from "@sigilrt/cli";
import { z } from "zod";
import { type TokenMission, tokenMissionSchema } from "./mission/mission-token.ts";

/** Whom a token speaks for. */
export interface TokenOwner {
  readonly user: string;
  readonly workspace: string;
}

/** Whom a token speaks for, and the mission that everything is called under with it. */
interface BoundOwner extends TokenOwner {
  readonly mission?: TokenMission;
}

/** The tokens of a gateway, each in a file of its own: the hash of its secret, never the secret. */
export interface TokenStore {
  /** Makes a token and answers its text, which is nowhere else. `session` tokens end with the next start. */
  create(
    owner: BoundOwner,
    lasts: "until_revoked" | "session" | { readonly until: string },
  ): Promise<string>;
  /** Answers whom a token speaks for; `undefined` for whatever is no token of this gateway. */
  verify(token: string): Promise<BoundOwner | undefined>;
  /** Every token, oldest first. */
  list(): Promise<readonly ShownToken[]>;
  /** Ends one; answers whether there was one. */
  revoke(id: string): Promise<boolean>;
  /** Revokes the tokens of the sessions before. */
  endSessions(): Promise<void>;
}

const recordSchema = z.strictObject({
  created: z.iso.datetime(),
  lasts: z.enum(["until_revoked", "session"]),
  expires: z.iso.datetime().optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  mission: tokenMissionSchema.exactOptional(),
  user: z.string().min(1),
  workspace: z.string().min(1),
});
type TokenRecord = z.output<typeof recordSchema>;

const form = /^sgl_(?<id>[0-9a-f]{16})_(?<secret>[A-Za-z0-9_-]{43})$/u;
const idForm = /^[0-9a-f]{16}$/u;
/** A use is noted to the minute. */
const USE_STEP_MS = 60_000;
/** Making a file sets its time stamp as well, a little after the record says. */
const MAKING_MS = 5_000;
const nobody = "0".repeat(64);

/** Opens the token store in a folder, made with mode 0700. */
export async function openTokenStore(
  folder: string,
  clock: { now(): number } = Date,
): Promise<TokenStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (id: string): string => join(folder, `${id}.json`);
  const read = async (id: string): Promise<TokenRecord | undefined> => {
    const text = await readFile(fileOf(id), "utf8").catch(() => undefined);
    return text === undefined ? undefined : parseRecord(text, fileOf(id));
  };
  const ids = async (): Promise<readonly string[]> =>
    (await readdir(folder)).flatMap((name) => {
      const id = name.slice(0, -".json".length);
      return name.endsWith(".json") && idForm.test(id) ? [id] : [];
    });
  const noted = new Map<string, number>();
  // The time stamp of its file says when a token was last used: the record itself is written once.
  const noteUse = async (id: string): Promise<void> => {
    const now = clock.now();
    if (now - (noted.get(id) ?? 0) < USE_STEP_MS) return;
    noted.set(id, now);
    await utimes(fileOf(id), now / 1_000, now / 1_000).catch(() => undefined);
  };
  return {
    async create({ user, workspace, mission }, lasts) {
      const id = randomBytes(8).toString("hex");
      const secret = randomBytes(32).toString("base64url");
      const record: TokenRecord = {
        created: new Date(clock.now()).toISOString(),
        lasts: lasts === "session" ? lasts : "until_revoked",
        ...(typeof lasts === "string" ? {} : { expires: lasts.until }),
        sha256: hashOf(secret),
        user,
        workspace,
        ...(mission === undefined ? {} : { mission }),
      };
      const file = await open(fileOf(id), "wx", 0o600);
      try {
        await file.writeFile(`${JSON.stringify(record)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      return `sgl_${id}_${secret}`;
    },
    async verify(token) {
      const { id = "", secret = "" } = form.exec(token)?.groups ?? {};
      const record = id === "" ? undefined : await read(id);
      // The same work for a token that is unknown, so that time says nothing about ids.
      const expected = Buffer.from(record?.sha256 ?? nobody, "hex");
      const isEqual = timingSafeEqual(Buffer.from(hashOf(secret), "hex"), expected);
      if (!record || !isEqual || isOver(record, clock.now())) return undefined;
      await noteUse(id);
      const { user, workspace, mission } = record;
      return { user, workspace, ...(mission === undefined ? {} : { mission }) };
    },
    async list() {
      const shown = (await ids()).map((id) => shownToken(id, fileOf(id)));
      const tokens = (await Promise.all(shown)).filter((token) => token !== undefined);
      return tokens.toSorted((left, right) => (left.created < right.created ? -1 : 1));
    },
    async revoke(id) {
      if (!idForm.test(id)) return false;
      return unlink(fileOf(id)).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
          throw error;
        },
      );
    },
    async endSessions() {
      for (const id of await ids()) {
        // oxlint-disable-next-line no-await-in-loop -- a handful of small files
        const record = await read(id);
        // oxlint-disable-next-line no-await-in-loop -- as above
        if (record?.lasts === "session") await unlink(fileOf(id));
      }
    },
  };
}

async function shownToken(id: string, path: string): Promise<ShownToken | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { mtimeMs } = await stat(path);
  const { user, workspace, created, expires, lasts } = parseRecord(text, path);
  const isUsed = mtimeMs > Date.parse(created) + MAKING_MS;
  return {
    id,
    user,
    workspace,
    created,
    session: lasts === "session",
    ...(expires === undefined ? {} : { expires }),
    ...(isUsed ? { used: new Date(Math.floor(mtimeMs)).toISOString() } : {}),
  };
}

const isOver = ({ expires }: TokenRecord, now: number): boolean =>
  expires !== undefined && Date.parse(expires) <= now;

function parseRecord(text: string, path: string): TokenRecord {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`Cannot read token file "${path}": it is damaged; remove it`, { cause });
  }
}

/** 256 random bits need no slow hash. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
