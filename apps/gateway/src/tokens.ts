import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
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
  create(owner: BoundOwner, lasts: "until_revoked" | "session"): Promise<string>;
  /** Answers whom a token speaks for; `undefined` for whatever is no token of this gateway. */
  verify(token: string): Promise<BoundOwner | undefined>;
  /** Revokes the tokens of the sessions before. */
  endSessions(): Promise<void>;
}

const recordSchema = z.strictObject({
  created: z.iso.datetime(),
  lasts: z.enum(["until_revoked", "session"]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
  mission: tokenMissionSchema.exactOptional(),
  user: z.string().min(1),
  workspace: z.string().min(1),
});
type TokenRecord = z.output<typeof recordSchema>;

const form = /^sgl_(?<id>[0-9a-f]{16})_(?<secret>[A-Za-z0-9_-]{43})$/u;
const nobody = "0".repeat(64);

/** Opens the token store in a folder, made with mode 0700. */
export async function openTokenStore(folder: string): Promise<TokenStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fileOf = (id: string): string => join(folder, `${id}.json`);
  const read = async (id: string): Promise<TokenRecord | undefined> => {
    const text = await readFile(fileOf(id), "utf8").catch(() => undefined);
    return text === undefined ? undefined : parseRecord(text, fileOf(id));
  };
  return {
    async create({ user, workspace, mission }, lasts) {
      const id = randomBytes(8).toString("hex");
      const secret = randomBytes(32).toString("base64url");
      const record: TokenRecord = {
        created: new Date().toISOString(),
        lasts,
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
      if (!record || !isEqual) return undefined;
      const { user, workspace, mission } = record;
      return { user, workspace, ...(mission === undefined ? {} : { mission }) };
    },
    async endSessions() {
      for (const name of await readdir(folder)) {
        const id = /^(?<id>[0-9a-f]{16})\.json$/u.exec(name)?.groups?.["id"];
        // oxlint-disable-next-line no-await-in-loop -- a handful of small files
        const record = id === undefined ? undefined : await read(id);
        // oxlint-disable-next-line no-await-in-loop -- as above
        if (id !== undefined && record?.lasts === "session") await unlink(fileOf(id));
      }
    },
  };
}

function parseRecord(text: string, path: string): TokenRecord {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`Cannot read token file "${path}": it is damaged; remove it`, { cause });
  }
}

/** 256 random bits need no slow hash. */
const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
